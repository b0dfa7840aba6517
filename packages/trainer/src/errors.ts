import { areOptions, RuleError } from '@stridelab/errors';

/** A call, data or a file that breaks a rule of this package. */
export class TrainerError extends RuleError {
  override name = 'TrainerError';

  constructor(operation: string, rule: string, got: unknown) {
    super('trainer', operation, rule, got);
  }
}

/** The loss is no longer a finite number. The last checkpoint was written before this step. */
export class DivergedError extends TrainerError {
  override name = 'DivergedError';

  constructor(
    /** Number of the step whose loss it was, from 0. */
    readonly step: number,
    readonly epoch: number,
    readonly loss: number,
  ) {
    super('fit', `the loss must stay finite, and at step ${step} (epoch ${epoch + 1}) it did not`, loss);
  }
}

/** A checkpoint or a run folder that is missing, damaged, or of another configuration. Nothing was overwritten. */
export class CheckpointError extends TrainerError {
  override name = 'CheckpointError';
}

/** Refuses options of a name that there is not, and what is none: both would be ignored without a word. */
export function checkOptions(operation: string, name: string, options: unknown, names: readonly string[]): void {
  if (areOptions(options, names)) return;
  throw new TrainerError(operation, `${name} must be some of {${names.join(', ')}}`, options);
}

/** Refuses `value` unless it is true, false or left out. */
export function checkFlag(operation: string, name: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw new TrainerError(operation, `${name} must be true or false`, value);
}

/** Refuses `value` unless it is a function or left out. */
export function checkFunction(operation: string, name: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw new TrainerError(operation, `${name} must be a function`, value);
}

/** Refuses `value` unless it is a path with something in it. */
export function checkPath(operation: string, name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return;
  throw new TrainerError(operation, `${name} must be a path`, value);
}

export function checkSignal(operation: string, signal: unknown): void {
  if (signal === undefined || typeof (signal as AbortSignal | null)?.aborted === 'boolean') return;
  throw new TrainerError(operation, 'signal must be an AbortSignal', signal);
}

/** Refuses `value` unless it is a whole number of at least `least`. */
export function checkWholeNumber(operation: string, name: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  throw new TrainerError(operation, `${name} must be a whole number >= ${least}`, value);
}

/** Refuses `value` unless it is a number in [least, most), or in (least, most) with `open`. */
export function checkNumber(
  operation: string,
  name: string,
  value: unknown,
  { least = 0, most = Number.POSITIVE_INFINITY, open = false } = {},
): void {
  if (typeof value === 'number' && (open ? value > least : value >= least) && value < most) return;
  const rule =
    most === Number.POSITIVE_INFINITY
      ? `a finite number ${open ? '>' : '>='} ${least}`
      : `in ${open ? '(' : '['}${least}, ${most})`;
  throw new TrainerError(operation, `${name} must be ${rule}`, value);
}
