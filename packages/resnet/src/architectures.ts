// The networks of the literature as data: https://arxiv.org/abs/1512.03385, tables 1 and 6.

export interface Architecture {
  block: 'basic' | 'bottleneck';
  /** Blocks of each stage. */
  blocks: readonly number[];
  variant: 'preact' | 'postact';
  stem: 'cifar' | 'imagenet';
  shortcut: 'projection' | 'padding';
  /** Of the stem, then of each stage; a bottleneck block puts out four times as much. */
  widths: readonly number[];
  /** Of the stages; the stem's follow from it. */
  strides: readonly number[];
}

const IMAGENET = {
  variant: 'postact',
  stem: 'imagenet',
  shortcut: 'projection',
  widths: [64, 64, 128, 256, 512],
  strides: [1, 2, 2, 2],
} as const;

const NAMED: Readonly<Record<number, Architecture>> = {
  18: { ...IMAGENET, block: 'basic', blocks: [2, 2, 2, 2] },
  34: { ...IMAGENET, block: 'basic', blocks: [3, 4, 6, 3] },
  50: { ...IMAGENET, block: 'bottleneck', blocks: [3, 4, 6, 3] },
  101: { ...IMAGENET, block: 'bottleneck', blocks: [3, 4, 23, 3] },
  152: { ...IMAGENET, block: 'bottleneck', blocks: [3, 8, 36, 3] },
};

export const DEPTH_RULE = 'depth must be 18, 34, 50, 101, 152, or 6 n + 2 such as 20, 32, 44, 56, 110';

/** The architecture of this depth; 6 n + 2 is the CIFAR family's rule. */
export function architectureOf(depth: number): Architecture | undefined {
  const n = (depth - 2) / 6;
  if (NAMED[depth]) return NAMED[depth];
  if (!Number.isInteger(n) || n < 1) return undefined;
  const { block, blocks } = { block: 'basic', blocks: [n, n, n] } as const;
  const widths = [16, 16, 32, 64];
  return { block, blocks, variant: 'postact', stem: 'cifar', shortcut: 'padding', widths, strides: [1, 2, 2] };
}

/** What a bottleneck block's width is multiplied by at its end. */
export const EXPANSION = 4;

/** Kernel and stride of each stem, and whether a 3x3 max pool of stride 2 follows. */
export const STEMS = {
  cifar: { kernelSize: 3, stride: 1, maxPool: false },
  imagenet: { kernelSize: 7, stride: 2, maxPool: true },
} as const;
