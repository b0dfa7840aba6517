import { RuleError } from '@stridelab/errors';

/** A backend that was asked for and cannot be had, or a wrong option. */
export class BackendError extends RuleError {
  override name = 'BackendError';

  constructor(operation: string, rule: string, got: unknown) {
    super('backend', operation, rule, got);
  }
}

/** The device went away before the work on it was done. What lay in its memory is gone. */
export class DeviceLostError extends BackendError {
  override name = 'DeviceLostError';

  constructor(
    readonly device: string,
    /** `destroyed` where somebody gave the device back, `unknown` where the driver took it. */
    readonly reason: string,
    detail: string,
  ) {
    super('guard', `${device} must stay until the work on it is done`, `lost (${reason})${detail && `: ${detail}`}`);
  }
}
