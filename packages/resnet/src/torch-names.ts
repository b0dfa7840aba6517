// What PyTorch's residual networks (torchvision's and timm's) call the layers and weights of ours.

/** The last layer. */
export const HEAD = 'fc';

const NAMES: Readonly<Record<string, string>> = { stem_conv: 'conv1', stem_norm: 'bn1', head: HEAD };
/** In a block, after `layer1.0` and the like. */
const NAMES_IN_BLOCKS: Readonly<Record<string, string>> = {
  conv1: 'conv1',
  conv2: 'conv2',
  conv3: 'conv3',
  norm1: 'bn1',
  norm2: 'bn2',
  norm3: 'bn3',
  shortcut: 'downsample.0',
  shortcut_norm: 'downsample.1',
};

/** Of a layer by our name; undefined where there is none. */
export function torchName(name: string): string | undefined {
  const [, stage, block, part] = /^stage(\d+)_block(\d+)_(\w+)$/.exec(name) ?? [];
  if (!part) return NAMES[name];
  return NAMES_IN_BLOCKS[part] && `layer${stage}.${Number(block) - 1}.${NAMES_IN_BLOCKS[part]}`;
}

export interface Part {
  /** Its name after that of the layer. */
  name: string;
  /** Axes of PyTorch's tensor in the order of ours. */
  axes?: number[];
}

const BATCH_NORM: Part[] = [{ name: 'weight' }, { name: 'bias' }, { name: 'running_mean' }, { name: 'running_var' }];

/** Of the weights of a layer of this class, in the order of `layer.weights`. */
export const PARTS: Readonly<Record<string, Part[]>> = {
  Conv2D: [{ name: 'weight', axes: [2, 3, 1, 0] }], // (out, in, height, width) to (height, width, in, out)
  BatchNorm: BATCH_NORM,
  BatchNormalization: BATCH_NORM,
  Dense: [{ name: 'weight', axes: [1, 0] }, { name: 'bias' }],
};
