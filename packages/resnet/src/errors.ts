import { RuleError } from '@stridelab/errors';

/** A call that breaks a rule of this package, thrown before any tensor is made. */
export class ResnetError extends RuleError {
  override name = 'ResnetError';

  constructor(operation: string, rule: string, got: unknown) {
    super('resnet', operation, rule, got);
  }
}
