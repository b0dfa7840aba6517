// Ways through tensors by as few axes as can be.
import { util } from '@tensorflow/tfjs-core';

/** An axis of a result: how far apart neighbours along it lie where they come from, and in the result. */
export interface Axis {
  length: number;
  from: number;
  to: number;
}

/** How far apart neighbours along each axis of a tensor are. */
export const stepsOf = (shape: number[]) => (shape.length === 0 ? [] : [...util.computeStrides(shape), 1]);

/** The axes of a result of `shape`, to which its values come in steps of `from`: where one goes on as the one within it would, both are one. */
export function joinAxes(shape: number[], from: number[]): Axis[] {
  const axes: Axis[] = [];
  for (const [axis, to] of [...stepsOf(shape).entries()].reverse()) {
    const length = shape[axis]!;
    const within = axes[0];
    if (length === 1) continue;
    if (within && within.from * within.length === from[axis]) within.length *= length;
    else axes.unshift({ length, from: from[axis]!, to });
  }
  return axes;
}
