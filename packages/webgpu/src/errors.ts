import { RuleError } from '@stridelab/errors';

/** A call that breaks a rule of this package, thrown before any tensor is made. */
export class WebgpuError extends RuleError {
  override name = 'WebgpuError';

  constructor(operation: string, rule: string, got: unknown) {
    super('webgpu', operation, rule, got);
  }
}

/** A step that cannot be recorded: what it did would not happen again, or not in the same way, when it is replayed. */
export class CaptureError extends WebgpuError {
  override name = 'CaptureError';

  constructor(rule: string, got: unknown) {
    super('captureStep', rule, got);
  }
}

/** The device has no room for a buffer. */
export class OutOfMemoryError extends WebgpuError {
  override name = 'OutOfMemoryError';

  constructor(
    /** Bytes that were asked for. */
    readonly asked: number,
    /** Bytes of the largest buffer that there would have been room for. */
    readonly fits: number,
    detail: string,
  ) {
    super('memory', `a buffer must fit into the device, where ${fits} bytes would ${detail}`, asked);
  }
}

/** The device went away before the work on it was done. What lay in its memory is gone. */
export class DeviceLostError extends WebgpuError {
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
