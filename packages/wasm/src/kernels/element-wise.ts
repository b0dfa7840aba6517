// Comparisons, and the greater or the less of two values. TF.js makes them one number at a time, and reckons the places of what is
// repeated anew for each; gradients of maxima, absolute values and half of the activations are made of them.
import {
  backend_util,
  Equal,
  Greater,
  GreaterEqual,
  Less,
  LessEqual,
  Maximum,
  Minimum,
  NotEqual,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { bytesOf, trainingKernel, withWords } from './kernel.ts';

/** An axis of the result, and what one step along it is in each operand: 0 where that is repeated. */
interface Axis {
  length: number;
  steps: [number, number];
}

/** Axes of the result as few as can be: where both operands go on as they would along one axis, it is one. */
export function jointAxes(a: number[], b: number[], out: number[]): Axis[] {
  const axes: Axis[] = [];
  const strides: [number, number] = [1, 1];
  for (let fromEnd = 1; fromEnd <= out.length; fromEnd++) {
    const length = out.at(-fromEnd)!;
    const steps: [number, number] = [0, 0];
    for (const [i, shape] of [a, b].entries()) {
      const own = shape.at(-fromEnd) ?? 1;
      if (own > 1) steps[i] = strides[i]!;
      strides[i]! *= own;
    }
    const inner = axes[0];
    if (length === 1) continue;
    if (inner?.steps.every((step, i) => step * inner.length === steps[i])) inner.length *= length;
    else axes.unshift({ length, steps });
  }
  return axes.length ? axes : [{ length: 1, steps: [1, 1] }];
}

interface Operation {
  /** Its number in assembly/element-wise.ts, for float32 and int32. */
  codes: [float: number, integer: number];
  swaps?: boolean;
  inverts?: boolean;
  isComparison?: boolean;
}

function elementWise(kernelName: string, { codes, swaps = false, inverts = false, isComparison = false }: Operation) {
  return trainingKernel(kernelName, (call) => {
    const { inputs, backend, engine } = call;
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const size = util.sizeFromShape(shape);
    const code = codes[['float32', 'int32'].indexOf(a.dtype)];
    if (code === undefined || a.dtype !== b.dtype || size === 0) return call.original();
    const [first, second] = swaps ? [b, a] : [a, b];
    const [outer, ...inner] = jointAxes(first.shape, second.shape, shape) as [Axis, ...Axis[]];
    const bytes = isComparison ? 1 : bytesOf(1);
    const words = inner.flatMap(({ length, steps }) => [length, ...steps.map(bytesOf)]);
    return withWords(engine, words, (table) => {
      const out = backend.makeOutput(shape, isComparison ? 'bool' : a.dtype);
      const [from, other, to] = [first, second, out].map((tensor) => engine.address(tensor)) as [
        number,
        number,
        number,
      ];
      const [step, otherStep] = outer.steps.map(bytesOf) as [number, number];
      const calls = split(outer.length, engine.lanesFor(size)).map(({ start, count }) => [
        ...[code, Number(inverts), from + start * step, other + start * otherStep],
        ...[to + (start * bytes * size) / outer.length, count, step, otherStep, table, inner.length],
      ]);
      engine.run('elementWise', calls);
      return out;
    });
  });
}

const comparison = (kernelName: string, operation: Operation) =>
  elementWise(kernelName, { ...operation, isComparison: true });

export const equal = comparison(Equal, { codes: [2, 5] });
export const greater = comparison(Greater, { codes: [0, 3] });
export const greaterEqual = comparison(GreaterEqual, { codes: [1, 4] });
export const less = comparison(Less, { codes: [0, 3], swaps: true });
export const lessEqual = comparison(LessEqual, { codes: [1, 4], swaps: true });
export const notEqual = comparison(NotEqual, { codes: [2, 5], inverts: true });
export const maximum = elementWise(Maximum, { codes: [6, 8] });
export const minimum = elementWise(Minimum, { codes: [7, 9] });
