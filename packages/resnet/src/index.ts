export { ResnetError } from './errors.ts';
export { foldBatchNorm } from './fold-batch-norm.ts';
export type { HeadOptions } from './head.ts';
export { type LayerCost, type ModelCost, modelCost } from './model-cost.ts';
export type { ConvFactory, ConvOptions, DownsampleFactory, Pair, ResnetOptions, Site } from './options.ts';
export { PaddedShortcut, type PaddedShortcutArgs } from './padded-shortcut.ts';
export {
  type PresetOptions,
  resnet18,
  resnet20,
  resnet32,
  resnet34,
  resnet44,
  resnet50,
  resnet56,
  resnet101,
  resnet110,
  resnet152,
} from './presets.ts';
export { resnet } from './resnet.ts';
export { freezeUntil, replaceHead } from './transfer.ts';
