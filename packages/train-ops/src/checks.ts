// Everything that can be wrong with a call, found out before any tensor is made.
import { areOptions } from '@stridelab/errors';
import { Tensor } from '@tensorflow/tfjs-core';
import { TrainOpsError } from './errors.ts';

/** A number in the place of options would be ignored without a word, and so would an option of another name. */
export function checkOptions(operation: string, options: unknown, names: string): void {
  if (areOptions(options, names.split(', '))) return;
  throw new TrainOpsError(operation, `options must be some of {${names}}`, options);
}

export function checkFloatTensor(operation: string, name: string, x: unknown): asserts x is Tensor {
  if (!(x instanceof Tensor)) throw new TrainOpsError(operation, `${name} must be a tensor`, x);
  if (x.isDisposed) throw new TrainOpsError(operation, `${name} must not be disposed`, x.shape);
  if (x.dtype !== 'float32') throw new TrainOpsError(operation, `${name} must be float32`, x.dtype);
}

export function checkShape(operation: string, name: string, x: Tensor, shape: readonly number[]): void {
  if (x.shape.join() !== shape.join()) {
    throw new TrainOpsError(operation, `${name} must have shape [${shape.join(', ')}]`, x.shape);
  }
}

/** A finite number >= 0, or a tensor () that may hold one: its value is not looked at, since that would wait for the device. */
export function checkRate(operation: string, name: string, value: unknown): void {
  if (!(value instanceof Tensor)) checkNumber(operation, name, value);
  else checkScalar(operation, name, value);
}

export function checkScalar(operation: string, name: string, x: Tensor): void {
  checkFloatTensor(operation, name, x);
  checkShape(operation, name, x, []);
}

/** A number in [least, most), or in (least, most) with `open`. */
export function checkNumber(
  operation: string,
  name: string,
  value: unknown,
  { least = 0, most = Number.POSITIVE_INFINITY, open = false } = {},
): void {
  const inside = typeof value === 'number' && (open ? value > least : value >= least) && value < most;
  if (inside) return;
  const rule = most === Number.POSITIVE_INFINITY ? `a finite number ${open ? '>' : '>='} ${least}` : undefined;
  throw new TrainOpsError(operation, `${name} must be ${rule ?? `in ${open ? '(' : '['}${least}, ${most})`}`, value);
}
