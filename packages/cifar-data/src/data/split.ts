// What loading gives and everything else takes.
import { type Attempt, CifarDataError } from '../errors.ts';

/** Per channel (red, green, blue), in units of the full range: a byte v becomes (v / 255 - mean) / std. */
export interface Normalization {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Some labelled images. */
export interface Split {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** Bytes of shape (count, height, width, 3). */
  readonly images: Uint8Array;
  /** Class numbers of shape (count); in CIFAR-100 the fine ones. */
  readonly labels: Uint8Array;
  readonly classNames: readonly string[];
  /** CIFAR-100 alone: the superclass of each image. */
  readonly coarseLabels?: Uint8Array;
  readonly coarseClassNames?: readonly string[];
  /** The data set's own constants. */
  readonly normalization: Normalization;
}

export interface CifarData {
  readonly name: 'cifar-10' | 'cifar-100' | 'synthetic';
  readonly train: Split;
  readonly test: Split;
  readonly classNames: readonly string[];
  readonly coarseClassNames?: readonly string[];
  /** The sources that the files came from. */
  readonly sources: readonly string[];
  /** What failed on the way and did not matter in the end. */
  readonly notices: readonly Attempt[];
}

export const CHANNELS = 3;

/** What loading gives is two splits, and none itself. */
export function checkSplit(operation: string, split: Split): void {
  if (split?.images instanceof Uint8Array) return;
  throw new CifarDataError(operation, 'split must be one, such as data.train', split && Object.keys(split));
}

/** Copies the named images of a split into a new one. */
export function takeImages(split: Split, indices: ArrayLike<number>): Split {
  const imageBytes = split.height * split.width * CHANNELS;
  const images = new Uint8Array(indices.length * imageBytes);
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i]! * imageBytes;
    images.set(split.images.subarray(start, start + imageBytes), i * imageBytes);
  }
  const pick = (labels: Uint8Array) => Uint8Array.from({ length: indices.length }, (_, i) => labels[indices[i]!]!);
  return {
    ...split,
    count: indices.length,
    images,
    labels: pick(split.labels),
    ...(split.coarseLabels && { coarseLabels: pick(split.coarseLabels) }),
  };
}
