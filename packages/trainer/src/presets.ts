// Recipes as data: spread one, and override what you like.
import type { TrainingOptions } from './options.ts';
import { cosine, piecewise, type Schedule, warmUp } from './schedules.ts';

export interface Preset {
  /** For {@link fit}: `fit(model, data, {...preset.training})`. */
  training: TrainingOptions & { schedule: Schedule };
  /** For the batches of @stridelab/cifar-data: `batches(split, {...preset.data, seed, epoch})`. */
  data: {
    batchSize: number;
    normalize: 'dataset' | 'diffstride' | 'unit';
    dropRemainder: boolean;
    augment: { pad?: number; flip?: boolean; mixup?: { alpha: number; partner: 'permuted' | 'pairwise' } };
  };
}

export const PRESETS = {
  /**
   * The published recipe. A pair of images makes one, so that an epoch of CIFAR has 195 steps; 246 epochs are 48,000 steps,
   * of which the last third is at the lowest rate. https://arxiv.org/abs/2202.01653
   */
  published: {
    training: {
      epochs: 246,
      optimizer: { kind: 'sgd', momentum: 0.9, decay: { kind: 'l2', rate: 5e-4 } },
      schedule: piecewise([0.01, 0.1, 0.01, 0.001], [400, 18_000, 32_000]),
      labelSmoothing: 0.2,
    },
    data: {
      batchSize: 128,
      normalize: 'diffstride',
      dropRemainder: true,
      augment: { mixup: { alpha: 0.2, partner: 'pairwise' } },
    },
  },
  /** A first result on a laptop's processor: few passes, a high rate early, no augmentation that needs time to pay. */
  quick: {
    training: {
      epochs: 4,
      optimizer: { kind: 'adam', decay: { kind: 'decoupled', rate: 1e-3 } },
      schedule: warmUp(50, cosine(3e-3)),
      labelSmoothing: 0,
    },
    data: { batchSize: 64, normalize: 'dataset', dropRemainder: true, augment: { flip: true } },
  },
  /** What trains a residual network on CIFAR well: crop and flip, Nesterov's momentum, a cosine. */
  standard: {
    training: {
      epochs: 100,
      optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true, decay: { kind: 'l2', rate: 2.5e-4 } },
      schedule: warmUp(400, cosine(0.1)),
      labelSmoothing: 0.1,
    },
    data: { batchSize: 128, normalize: 'dataset', dropRemainder: true, augment: { pad: 4, flip: true } },
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;
