import { RuleError } from '@stridelab/errors';

/** A call that breaks a rule of this package, thrown before any tensor is made. */
export class DiffStrideError extends RuleError {
  override name = 'DiffStrideError';

  constructor(operation: string, rule: string, got: unknown) {
    super('diffstride', operation, rule, got);
  }
}
