// Each network of the literature by its name.
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ResnetOptions } from './options.ts';
import { resnet } from './resnet.ts';

/** Options of {@link resnet}, whose depth the name says. */
export type PresetOptions = Omit<ResnetOptions, 'depth'>;

const ofDepth =
  (depth: number) =>
  (options: PresetOptions): LayersModel =>
    resnet({ ...options, depth });

/** For ImageNet: basic blocks up to 34 layers, bottleneck blocks from 50. */
export const resnet18 = /* @__PURE__ */ ofDepth(18);
/** ResNet-34 for ImageNet. */
export const resnet34 = /* @__PURE__ */ ofDepth(34);
/** ResNet-50 for ImageNet. */
export const resnet50 = /* @__PURE__ */ ofDepth(50);
/** ResNet-101 for ImageNet. */
export const resnet101 = /* @__PURE__ */ ofDepth(101);
/** ResNet-152 for ImageNet. */
export const resnet152 = /* @__PURE__ */ ofDepth(152);

/** For CIFAR: three stages of 16, 32 and 64 channels, shortcuts without parameters. */
export const resnet20 = /* @__PURE__ */ ofDepth(20);
/** ResNet-32 for CIFAR. */
export const resnet32 = /* @__PURE__ */ ofDepth(32);
/** ResNet-44 for CIFAR. */
export const resnet44 = /* @__PURE__ */ ofDepth(44);
/** ResNet-56 for CIFAR. */
export const resnet56 = /* @__PURE__ */ ofDepth(56);
/** ResNet-110 for CIFAR. */
export const resnet110 = /* @__PURE__ */ ofDepth(110);
