import { RuleError } from '@stridelab/errors';

/** A call that breaks a rule of this package, thrown before any tensor is made. */
export class TrainOpsError extends RuleError {
  override name = 'TrainOpsError';

  constructor(operation: string, rule: string, got: unknown) {
    super('train-ops', operation, rule, got);
  }
}
