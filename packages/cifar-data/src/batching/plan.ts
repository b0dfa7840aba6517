// Which images a batch holds and what happens to each: numbers alone, so that a processor and a GPU can follow the same.
import type { Split } from '../data/split.ts';
import { CifarDataError } from '../errors.ts';
import { symmetricBeta } from './beta.ts';
import type { BatchSettings } from './options.ts';
import { permutation, type Random, randomFor } from './random.ts';

/** One image for each place in a batch, and how it is cropped and mirrored. */
export interface Draws {
  /** Image numbers in the split. */
  readonly indices: Int32Array;
  /** The output's row 0 is the image's row `rows[i]`, in [-pad, pad]; what lies outside of the image is 0. */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** 1 where the cropped image is mirrored left to right. */
  readonly flips: Uint8Array;
}

export interface BatchPlan {
  readonly index: number;
  readonly epoch: number;
  readonly size: number;
  readonly first: Draws;
  /** With mixup: the partner of each image of `first`. */
  readonly second?: Draws;
  /** With mixup: the weight of `first`; that of `second` is one less it. */
  readonly weights?: Float32Array;
}

/** Streams of random numbers that must not be the same. */
const ORDER = 1;
const AUGMENTATION = 2;

export function planner(split: Split, settings: BatchSettings) {
  const { batchSize, seed, epoch, shuffle, mixup } = settings;
  const pairwise = mixup?.partner === 'pairwise';
  const made = pairwise ? Math.floor(split.count / 2) : split.count;
  const length = settings.dropRemainder ? Math.floor(made / batchSize) : Math.ceil(made / batchSize);
  let order: Int32Array | undefined;

  function plan(index: number): BatchPlan {
    if (!Number.isInteger(index) || index < 0 || index >= length) {
      throw new CifarDataError('batches', `the number of a batch must be in [0, ${length})`, index);
    }
    order ??= shuffle
      ? permutation(split.count, randomFor(seed, epoch, ORDER))
      : Int32Array.from({ length: split.count }, (_, i) => i);
    const size = Math.min(batchSize, made - index * batchSize);
    const random = randomFor(seed, epoch, AUGMENTATION, index);
    const start = index * batchSize;
    if (!pairwise) {
      const first = draws(order.slice(start, start + size), settings, random);
      if (!mixup) return { index, epoch, size, first };
      const second = rearrange(first, permutation(size, random));
      return {
        index,
        epoch,
        size,
        first,
        second,
        weights: new Float32Array(size).fill(symmetricBeta(mixup.alpha, random)),
      };
    }
    const both = order.subarray(2 * start, 2 * (start + size));
    const first = draws(
      both.filter((_, i) => i % 2 === 0),
      settings,
      random,
    );
    const second = draws(
      both.filter((_, i) => i % 2 === 1),
      settings,
      random,
    );
    const weights = Float32Array.from({ length: size }, () => symmetricBeta(mixup.alpha, random));
    return { index, epoch, size, first, second, weights };
  }
  return { length, imageCount: Math.min(made, length * batchSize), plan };
}

function draws(indices: Int32Array, { pad, flip }: BatchSettings, random: Random): Draws {
  const count = indices.length;
  const rows = new Int32Array(count);
  const columns = new Int32Array(count);
  const flips = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    if (pad > 0) {
      rows[i] = random.below(2 * pad + 1) - pad;
      columns[i] = random.below(2 * pad + 1) - pad;
    }
    if (flip) flips[i] = random.below(2);
  }
  return { indices, rows, columns, flips };
}

function rearrange({ indices, rows, columns, flips }: Draws, order: Int32Array): Draws {
  return {
    indices: order.map((i) => indices[i]!),
    rows: order.map((i) => rows[i]!),
    columns: order.map((i) => columns[i]!),
    flips: Uint8Array.from(order, (i) => flips[i]!),
  };
}
