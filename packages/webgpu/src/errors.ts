import { RuleError } from '@stridelab/errors';

/** A call that breaks a rule of this package, thrown before any tensor is made. */
export class WebgpuError extends RuleError {
  override name = 'WebgpuError';

  constructor(operation: string, rule: string, got: unknown) {
    super('webgpu', operation, rule, got);
  }
}
