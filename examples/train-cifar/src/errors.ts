import { RuleError } from '@stridelab/errors';

/** A command line that cannot be followed; found before any work. */
export class CommandError extends RuleError {
  override name = 'CommandError';

  constructor(operation: string, rule: string, got: unknown) {
    super('train-cifar', operation, rule, got);
  }
}
