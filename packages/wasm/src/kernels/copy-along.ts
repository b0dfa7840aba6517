// Tensors made of the values of another one that lie at fixed steps along axes: parts of it, and permutations.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { bytesOf, type KernelCall, withWords } from './kernel.ts';

/** How many values are taken along an axis, and how far apart they lie. */
export interface Axis {
  length: number;
  step: number;
}

/** How far apart neighbours along each axis are. */
export const stepsOf = (shape: number[]) => (shape.length === 0 ? [] : [...util.computeStrides(shape), 1]);

/** Values of `x` (of 32 bits) from `start` on, in the order of `axes`, as a tensor of their lengths. */
export function copyAlong(
  { backend, engine }: Pick<KernelCall, 'backend' | 'engine'>,
  x: TensorInfo,
  axes: Axis[],
  start = 0,
): TensorInfo {
  const shape = axes.map(({ length }) => length);
  const count = util.sizeFromShape(shape);
  if (count === 0) return backend.makeOutput(shape, x.dtype);
  const joined = joinAxes(axes);
  const run = joined.at(-1)?.step === 1 ? joined.pop()!.length : 1;
  const [outer = { length: 1, step: 0 }, ...inner] = joined;
  const words = inner.flatMap(({ length, step }) => [length, bytesOf(step)]);
  return withWords(engine, words, (table) => {
    const out = backend.makeOutput(shape, x.dtype);
    const [from, to] = [engine.address(x) + bytesOf(start), engine.address(out)];
    const step = bytesOf(outer.step);
    const calls = split(outer.length, engine.lanesFor(count)).map((part) => [
      ...[from + part.start * step, to + bytesOf((part.start * count) / outer.length), part.count, step],
      ...[table, inner.length, bytesOf(run)],
    ]);
    engine.run('copyPart', calls);
    return out;
  });
}

/** The same way by as few axes as can be: where one goes on as the one within it would, both are one. */
function joinAxes(axes: Axis[]): Axis[] {
  const joined: Axis[] = [];
  for (const { length, step } of [...axes].reverse()) {
    const within = joined[0];
    if (length === 1) continue;
    if (within && within.step * within.length === step) within.length *= length;
    else joined.unshift({ length, step });
  }
  return joined;
}
