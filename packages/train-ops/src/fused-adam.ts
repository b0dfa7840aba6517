import { optionsOrNone } from '@stridelab/errors';
import type { Scalar, serialization, Variable } from '@tensorflow/tfjs-core';
import { adamUpdate } from './adam-update.ts';
import { checkNumber } from './checks.ts';
import { FusedOptimizer, type FusedOptimizerOptions } from './fused-optimizer.ts';
import type { UpdateOptions } from './update.ts';

export interface FusedAdamOptions extends FusedOptimizerOptions {
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Default 1e-7. */
  epsilon?: number;
}

/** Adam over all parameters at once, AdamW with `decay: 'decoupled'`: {@link adamUpdate}. */
export class FusedAdam extends FusedOptimizer {
  static readonly className = 'FusedAdam';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  protected override readonly slotNames = ['moment1', 'moment2'];

  constructor(given: FusedAdamOptions) {
    const options = optionsOrNone(given);
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
    super(options, 'beta1, beta2, epsilon');
    checkNumber('FusedAdam', 'beta1', beta1, { most: 1 });
    checkNumber('FusedAdam', 'beta2', beta2, { most: 1 });
    checkNumber('FusedAdam', 'epsilon', epsilon, { open: true });
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  protected override update(
    options: UpdateOptions,
    [moment1, moment2]: readonly Variable[][],
    step: number | Scalar,
  ): void {
    const { beta1, beta2, epsilon } = this;
    adamUpdate({ ...options, moment1: moment1!, moment2: moment2!, step, beta1, beta2, epsilon });
  }

  override getConfig(): serialization.ConfigDict {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon };
  }
}
