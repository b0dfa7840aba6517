// What can be asked of batches, and what is asked when nothing is said.

import { NORMALIZATIONS } from '../data/manifest.ts';
import { checkSplit, type Normalization, type Split } from '../data/split.ts';
import { CifarDataError, checkOptions, checkWholeNumber } from '../errors.ts';

export interface Mixup {
  /** Weights are drawn from Beta(alpha, alpha). */
  alpha: number;
  /**
   * `permuted` (default): every image is mixed with another one of its batch, one weight for the batch
   * (https://arxiv.org/abs/1710.09412). `pairwise`: two images are consumed for each one made, and each pair has a
   * weight of its own, as in the published DiffStride recipe; an epoch is half as long.
   */
  partner?: 'permuted' | 'pairwise';
}

export interface Augmentation {
  /** Zeros around the normalized image, in pixels, of which a random crop keeps the middle or not. Default 0. */
  pad?: number;
  /** Crop at random out of the padded image. Default: whether `pad` is given. */
  crop?: boolean;
  /** Mirror every second image, at random. Default false. */
  flip?: boolean;
  mixup?: Mixup;
}

export interface BatchOptions {
  /** Default 128. */
  batchSize?: number;
  /** Default 0. */
  seed?: number;
  /** In a new random order each epoch. Default true. */
  shuffle?: boolean;
  /** Default 0. */
  epoch?: number;
  /** Leave out a last batch that is not full. Default false. */
  dropRemainder?: boolean;
  /** `dataset` (default): the split's own constants. `diffstride`: the published recipe's. `unit`: bytes to [0, 1]. */
  normalize?: 'dataset' | 'diffstride' | 'unit' | Normalization;
  augment?: Augmentation;
  /** Batches made ahead while the consumer waits for something else. Default 1. */
  prefetch?: number;
}

/** {@link BatchOptions} with nothing left open. */
export interface BatchSettings {
  readonly batchSize: number;
  readonly seed: number;
  readonly shuffle: boolean;
  readonly epoch: number;
  readonly dropRemainder: boolean;
  readonly normalization: Normalization;
  readonly pad: number;
  readonly flip: boolean;
  readonly mixup: Required<Mixup> | undefined;
  readonly prefetch: number;
}

const NAMES = ['batchSize', 'seed', 'shuffle', 'epoch', 'dropRemainder', 'normalize', 'augment', 'prefetch'];

export function batchSettings(split: Split, options: BatchOptions): BatchSettings {
  checkSplit('batches', split);
  checkOptions('batches', 'options', options, NAMES);
  checkOptions('batches', 'augment', options.augment ?? {}, ['pad', 'crop', 'flip', 'mixup']);
  const { batchSize = 128, seed = 0, epoch = 0, prefetch = 1, shuffle = true, dropRemainder = false } = options;
  const { pad = 0, crop = pad > 0, flip = false, mixup } = options.augment ?? {};
  checkWholeNumber('batches', 'batchSize', batchSize, 1);
  checkWholeNumber('batches', 'seed', seed, 0);
  checkWholeNumber('batches', 'epoch', epoch, 0);
  checkWholeNumber('batches', 'prefetch', prefetch, 0);
  checkWholeNumber('batches', 'augment.pad', pad, 0);
  for (const [name, value] of Object.entries({ shuffle, dropRemainder, 'augment.crop': crop, 'augment.flip': flip })) {
    if (typeof value !== 'boolean') throw new CifarDataError('batches', `${name} must be true or false`, value);
  }
  if (crop && pad === 0) throw new CifarDataError('batches', 'augment.crop needs augment.pad >= 1', pad);
  if (pad > Math.min(split.height, split.width)) {
    throw new CifarDataError('batches', 'augment.pad must not exceed the image', pad);
  }
  if (mixup && !(mixup.alpha > 0 && Number.isFinite(mixup.alpha))) {
    throw new CifarDataError('batches', 'augment.mixup.alpha must be a finite number > 0', mixup.alpha);
  }
  const partner = mixup?.partner ?? 'permuted';
  if (partner !== 'permuted' && partner !== 'pairwise') {
    throw new CifarDataError('batches', "augment.mixup.partner must be 'permuted' or 'pairwise'", partner);
  }
  return {
    batchSize,
    seed,
    shuffle,
    epoch,
    dropRemainder,
    prefetch,
    pad: crop ? pad : 0,
    flip,
    mixup: mixup && { alpha: mixup.alpha, partner },
    normalization: normalizationOf(split, options.normalize ?? 'dataset'),
  };
}

function normalizationOf(split: Split, normalize: NonNullable<BatchOptions['normalize']>): Normalization {
  if (normalize === 'dataset') return split.normalization;
  if (normalize === 'diffstride' || normalize === 'unit') return NORMALIZATIONS[normalize];
  const { mean, std } = (normalize ?? {}) as Partial<Normalization>;
  const good = [mean, std].every((list) => Array.isArray(list) && list.length === 3 && list.every(Number.isFinite));
  if (good && std!.every((value) => value > 0)) return normalize;
  const rule = "normalize must be 'dataset', 'diffstride', 'unit' or {mean, std} of three numbers each, std > 0";
  throw new CifarDataError('batches', rule, normalize);
}
