import { RuleError } from '@stridelab/errors';

/** A call that breaks a rule of this package, thrown before any tensor is made. */
export class SpectralPoolingError extends RuleError {
  override name = 'SpectralPoolingError';

  constructor(operation: string, rule: string, got: unknown) {
    super('spectral-pooling', operation, rule, got);
  }
}
