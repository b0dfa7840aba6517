import {
  add,
  customGrad,
  engine,
  type GradSaveFunc,
  mod,
  mul,
  ones,
  Tensor,
  type Tensor1D,
  tensor,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import { checkFloatTensor, checkNumber, checkOptions, checkShape } from './checks.ts';
import { drawMask } from './draws.ts';
import { TrainOpsError } from './errors.ts';
import { hasKernel, KERNELS } from './kernel.ts';

/**
 * Seed and step, whole numbers in [0, 2^24): what is drawn follows from them. As a tensor (2) where a step is recorded once and
 * replayed, with other draws each time; what that holds is not checked.
 */
export type Draw = readonly [seed: number, step: number] | Tensor1D;

export interface DropoutOptions {
  /** Share of the values that become 0, in [0, 1). */
  rate: number;
  /** Shape of what is drawn: 1 along axes on which all share their fate. Default that of x. */
  noiseShape?: readonly number[];
}

const NAME = 'dropout';

/** How many seeds and steps there are: so many whole numbers are exact as float32. */
export const SEEDS = 2 ** 24;

/**
 * Multiplies values of x by 0 at random, each with probability `rate`, and the others by `1 / (1 - rate)`: which ones is the same for
 * the same draw and shape, on every backend. Differentiable in x, to any order.
 *
 * @see https://jmlr.org/papers/v15/srivastava14a.html
 */
export function dropout<T extends Tensor>(x: T, draw: Draw, options: DropoutOptions): T {
  checkFloatTensor(NAME, 'x', x);
  checkDraw(draw);
  checkOptions(NAME, options, 'rate, noiseShape');
  const { rate, noiseShape = x.shape } = options;
  checkNumber(NAME, 'rate', rate, { most: 1 });
  checkNoiseShape(noiseShape, x.shape);
  if (rate === 0) return x.clone();
  return tidy(() => {
    if (noiseShape.every((length, axis) => length === x.shape[axis])) return dropEach(x, draw, rate);
    return mul(x, dropEach(ones([...noiseShape]), draw, rate)) as T;
  });
}

/** The draw after this one. The last step of all is followed by the first. */
export function nextDraw(draw: Tensor1D): Tensor1D {
  if (hasKernel(KERNELS.dropout)) return tidy(() => mod(add(draw, [0, 1]), SEEDS));
  // The host has to know it, and would wait for a device that had made it.
  const [seed, step] = draw.dataSync();
  return tensor1d([seed!, (step! + 1) % SEEDS]);
}

export function checkSeed(operation: string, name: string, value: unknown): void {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < SEEDS) return;
  throw new TrainOpsError(operation, `${name} must be a whole number in [0, ${SEEDS})`, value);
}

function dropEach<T extends Tensor>(x: T, draw: Draw, rate: number): T {
  const threshold = Math.min(Math.round(rate * 2 ** 32), 2 ** 32 - 1);
  const scale = 1 / (1 - rate);
  if (hasKernel(KERNELS.dropout)) {
    return dropByKernel(x, 'shape' in draw ? draw : tensor1d([...draw]), { threshold, scale });
  }
  const [seed, step] = 'shape' in draw ? draw.dataSync() : draw;
  const mask = new Float32Array(x.size);
  drawMask(mask, seed!, step!, threshold, scale);
  return mul(x, tensor(mask, x.shape)) as T;
}

/** It is linear in x, so that its gradient is what it does to dy. */
function dropByKernel<T extends Tensor>(x: T, draw: Tensor1D, attrs: { threshold: number; scale: number }): T {
  const operation = customGrad((given, save) => {
    // What the draw is now: who owns it may have another one by the time of the gradient.
    (save as GradSaveFunc)([draw]);
    const value = engine().runKernel(KERNELS.dropout, { x: given as T, draw }, attrs) as T;
    return { value, gradFunc: (dy: T, [then]: Tensor[]) => dropByKernel(dy, then as Tensor1D, attrs) };
  });
  return operation(x) as T;
}

function checkDraw(draw: unknown): void {
  if (draw instanceof Tensor) {
    checkFloatTensor(NAME, 'draw', draw);
    checkShape(NAME, 'draw', draw, [2]);
    return;
  }
  if (!Array.isArray(draw) || draw.length !== 2) {
    throw new TrainOpsError(NAME, 'draw must be [seed, step], or a tensor of both', draw);
  }
  checkSeed(NAME, 'seed', draw[0]);
  checkSeed(NAME, 'step', draw[1]);
}

function checkNoiseShape(noiseShape: unknown, shape: readonly number[]): void {
  const fits =
    Array.isArray(noiseShape) &&
    noiseShape.length === shape.length &&
    noiseShape.every((length, axis) => length === 1 || length === shape[axis]);
  if (fits) return;
  const rule = `noiseShape must have 1 or the length of x along each axis of [${shape.join(', ')}]`;
  throw new TrainOpsError(NAME, rule, noiseShape);
}
