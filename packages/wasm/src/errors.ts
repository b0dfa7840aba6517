import { RuleError } from '@stridelab/errors';

/** A call that breaks a rule of this package, thrown before any tensor is made. */
export class WasmError extends RuleError {
  override name = 'WasmError';

  constructor(operation: string, rule: string, got: unknown) {
    super('wasm', operation, rule, got);
  }
}
