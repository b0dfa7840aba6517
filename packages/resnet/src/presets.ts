// Each network of the literature by its name.
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ResnetOptions } from './options.ts';
import { resnet } from './resnet.ts';

export type PresetOptions = Omit<ResnetOptions, 'depth'>;

const ofDepth =
  (depth: number) =>
  (options: PresetOptions): LayersModel =>
    resnet({ ...options, depth });

/** For ImageNet: basic blocks up to 34 layers, bottleneck blocks from 50. */
export const resnet18 = /* @__PURE__ */ ofDepth(18);
export const resnet34 = /* @__PURE__ */ ofDepth(34);
export const resnet50 = /* @__PURE__ */ ofDepth(50);
export const resnet101 = /* @__PURE__ */ ofDepth(101);
export const resnet152 = /* @__PURE__ */ ofDepth(152);

/** For CIFAR: three stages of 16, 32 and 64 channels, shortcuts without parameters. */
export const resnet20 = /* @__PURE__ */ ofDepth(20);
export const resnet32 = /* @__PURE__ */ ofDepth(32);
export const resnet44 = /* @__PURE__ */ ofDepth(44);
export const resnet56 = /* @__PURE__ */ ofDepth(56);
export const resnet110 = /* @__PURE__ */ ofDepth(110);
