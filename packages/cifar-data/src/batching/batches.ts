// Batches of one epoch: each can be made from its number alone, in any order, as often as wanted.
import { optionsOrNone } from '@stridelab/errors';
import type { Split } from '../data/split.ts';
import { CHANNELS } from '../data/split.ts';
import { CifarDataError } from '../errors.ts';
import { aheadOfTime } from './ahead.ts';
import { type BatchOptions, batchSettings } from './options.ts';
import { type BatchPlan, planner } from './plan.ts';
import { lookupTables, renderBatch } from './render.ts';

export interface Batch {
  /** Its number in the epoch. */
  readonly index: number;
  readonly epoch: number;
  readonly size: number;
  /** (size, height, width, 3) */
  readonly shape: readonly [number, number, number, number];
  readonly images: Float32Array;
  /** Class numbers, (size). */
  readonly labels: Uint8Array;
  /** With mixup, as `weights`: the class numbers of the partners. */
  readonly partnerLabels?: Uint8Array;
  /** With mixup: the weight of each image and its label; the partner's is one less it. */
  readonly weights?: Float32Array;
  /** Everything that was drawn: image numbers, crops, flips. */
  readonly plan: BatchPlan;
}

export interface Batches extends Iterable<Batch>, AsyncIterable<Batch> {
  /** Batches in the epoch. */
  readonly length: number;
  /** Images in all of them. */
  readonly imageCount: number;
  /** Makes one batch, into an array of the right length if one is given. */
  at(index: number, into?: Float32Array): Batch;
  /** The rest of the epoch from a batch on, made ahead while the consumer waits: how an interrupted epoch goes on. */
  from(index: number): AsyncIterable<Batch>;
}

/**
 * Batches of a split for one epoch, the same for equal (seed, epoch, number) on every machine.
 * Images are (size, height, width, 3) float32: cropped, mirrored, normalized as (v / 255 - mean) / std, and mixed.
 */
export function batches(split: Split, options: BatchOptions = {}): Batches {
  const settings = batchSettings(split, options);
  const { length, imageCount, plan } = planner(split, settings);
  const tables = lookupTables(settings.normalization);

  function at(index: number, into?: Float32Array): Batch {
    const batchPlan = plan(index);
    const { size, epoch, first, second, weights } = batchPlan;
    const shape = [size, split.height, split.width, CHANNELS] as const;
    const values = shape.reduce((product, side) => product * side);
    if (into && into.length !== values) {
      throw new CifarDataError('batches', `an array for batch ${index} must hold ${values} values`, into.length);
    }
    const images = into ?? new Float32Array(values);
    renderBatch(split, batchPlan, tables, images);
    const labels = labelsOf(split, first.indices);
    const mixed = second && { partnerLabels: labelsOf(split, second.indices), weights: weights! };
    return { index, epoch, size, shape, images, labels, ...mixed, plan: batchPlan };
  }

  const from = (start: number) => aheadOfTime(at, start, length, settings.prefetch);
  return {
    length,
    imageCount,
    at: (index, into) => at(index, into),
    from,
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index++) yield at(index);
    },
    [Symbol.asyncIterator]: () => from(0)[Symbol.asyncIterator](),
  };
}

export function labelsOf(split: Split, indices: Int32Array): Uint8Array {
  return Uint8Array.from(indices, (index) => split.labels[index]!);
}

/** Label distributions of shape (size, classes): one-hot, or with mixup the two classes by their weights. */
export function softLabels(batch: Pick<Batch, 'labels' | 'partnerLabels' | 'weights'>, classes: number): Float32Array {
  const { labels, partnerLabels, weights } = optionsOrNone(batch);
  if (typeof labels?.length !== 'number') {
    throw new CifarDataError('softLabels', 'labels must be a list of numbers', labels);
  }
  for (const list of [labels, partnerLabels ?? []]) {
    for (const label of list) {
      // It would land in the row of the next image.
      if (!(label < classes)) throw new CifarDataError('softLabels', `labels must be below ${classes}`, label);
    }
  }
  checkMixture(labels.length, partnerLabels, weights);
  const soft = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    const weight = partnerLabels ? weights![i]! : 1;
    soft[i * classes + labels[i]!] = weight;
    if (partnerLabels) soft[i * classes + partnerLabels[i]!]! += 1 - weight;
  }
  return soft;
}

/** Partners without weights say nothing of how much of each there is, and weights without partners leave a part of it out. */
function checkMixture(count: number, partnerLabels: Batch['partnerLabels'], weights: Batch['weights']): void {
  if (!partnerLabels && !weights) return;
  const isShare = (weight: number) => weight >= 0 && weight <= 1;
  if (partnerLabels?.length === count && weights?.length === count && weights.every(isShare)) return;
  const rule = `there must be ${count} partnerLabels, and as many weights in [0, 1]`;
  throw new CifarDataError(
    'softLabels',
    rule,
    [partnerLabels, weights].map((list) => list && [...list]),
  );
}
