import type { serialization } from '@tensorflow/tfjs-core';
import { type DiffStrideArgs, DiffStrideBase, type SharedArgs } from './diff-stride-base.ts';

export type { DiffStrideArgs };

/** Options of {@link DiffStride1D}, beside those of every layer. */
export interface DiffStride1DArgs extends SharedArgs {
  /** Where the stride starts, >= 1. Default 2. */
  strides?: number | number[];
}

/**
 * DiffStride: downsampling whose strides are learned with everything else, by cropping spectra; see {@link diffStride2d}.
 * (batch, H, W, channels) -> (batch, about H / S_h + 2 smoothness, about W / S_w + 2 smoothness, channels).
 * https://arxiv.org/abs/2202.01653
 */
export class DiffStride extends DiffStrideBase {
  static readonly className = 'DiffStride';

  constructor(args: DiffStrideArgs = {}) {
    super('DiffStride', 2, args);
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), sharedStride: this.rules.shared, mask: this.rules.mask };
  }
}

/** {@link DiffStride} for signals: (batch, length, channels) -> (batch, about length / S + 2 smoothness, channels). */
export class DiffStride1D extends DiffStrideBase {
  static readonly className = 'DiffStride1D';

  constructor(args: DiffStride1DArgs = {}) {
    super('DiffStride1D', 1, args);
  }
}
