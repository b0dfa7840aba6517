import { RuleError } from '@stridelab/errors';

/** A call that breaks a rule of this package, thrown before any tensor is made. */
export class PhcConvError extends RuleError {
  override name = 'PhcConvError';

  constructor(operation: string, rule: string, got: unknown) {
    super('phc-conv', operation, rule, got);
  }
}
