import { optionsOrNone } from '@stridelab/errors';
import type { serialization, Variable } from '@tensorflow/tfjs-core';
import { checkNumber } from './checks.ts';
import { FusedOptimizer, type FusedOptimizerOptions } from './fused-optimizer.ts';
import { sgdMomentumUpdate } from './sgd-momentum-update.ts';
import type { UpdateOptions } from './update.ts';

export interface FusedSgdOptions extends FusedOptimizerOptions {
  /** Default 0.9. */
  momentum?: number;
  /** Default false. */
  nesterov?: boolean;
}

/** Gradient descent with momentum over all parameters at once: {@link sgdMomentumUpdate}. */
export class FusedSgd extends FusedOptimizer {
  static readonly className = 'FusedSgd';
  readonly momentum: number;
  readonly nesterov: boolean;
  protected override readonly slotNames = ['velocity'];

  constructor(given: FusedSgdOptions) {
    const options = optionsOrNone(given);
    const { momentum = 0.9, nesterov = false } = options;
    super(options, 'momentum, nesterov');
    checkNumber('FusedSgd', 'momentum', momentum, { most: 1 });
    this.momentum = momentum;
    this.nesterov = nesterov;
  }

  protected override update(options: UpdateOptions, [velocity]: readonly Variable[][]): void {
    const { momentum, nesterov } = this;
    sgdMomentumUpdate({ ...options, velocity: velocity!, momentum, nesterov });
  }

  override getConfig(): serialization.ConfigDict {
    const { momentum, nesterov } = this;
    return { ...super.getConfig(), momentum, nesterov };
  }
}
