import { RuleError } from '@stridelab/errors';

/** A call that breaks a rule of this package, thrown before any tensor is made. */
export class FftOpsError extends RuleError {
  override name = 'FftOpsError';

  constructor(operation: string, rule: string, got: unknown) {
    super('fft-ops', operation, rule, got);
  }
}
