// Tensors made of runs of values of another one: parts of it, and permutations that leave neighbours where they are.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { joinAxes } from './axes.ts';
import { bytesOf, type KernelCall, withWords } from './kernel.ts';

/** A tensor of `shape` of the values of `x` (of 32 bits) from `start` on, which along each axis lie `steps` apart. */
export function copyAlong(
  { backend, engine }: Pick<KernelCall, 'backend' | 'engine'>,
  x: TensorInfo,
  { shape, steps, start = 0 }: { shape: number[]; steps: number[]; start?: number },
): TensorInfo {
  const count = util.sizeFromShape(shape);
  if (count === 0) return backend.makeOutput(shape, x.dtype);
  const axes = joinAxes(shape, steps);
  const run = axes.at(-1)?.from === 1 ? axes.pop()!.length : 1;
  const [outer = { length: 1, from: 0, to: 0 }, ...inner] = axes;
  const words = inner.flatMap(({ length, from }) => [length, bytesOf(from)]);
  return withWords(engine, words, (table) => {
    const out = backend.makeOutput(shape, x.dtype);
    const [from, to] = [engine.address(x) + bytesOf(start), engine.address(out)];
    const calls = split(outer.length, engine.lanesFor(count)).map((part) => [
      ...[from + bytesOf(part.start * outer.from), to + bytesOf(part.start * outer.to), part.count],
      ...[bytesOf(outer.from), table, inner.length, bytesOf(run)],
    ]);
    engine.run('copyPart', calls);
    return out;
  });
}
