// A chain of products as one operation, with its gradient.
import { customGrad, type Tensor, tidy, util, zeros } from '@tensorflow/tfjs-core';
import { chainOf, constantsOf, heldBy } from './chain.ts';
import { isForKernel, KERNELS, matricesOf, runKernel } from './kernels.ts';
import { type Cut, cutOf, joinedPieces, pieceOf } from './pieces.ts';
import { adjointSteps, type PlannedStep, stepsFrom } from './steps.ts';

/**
 * `steps` applied to x (batch, ..., channels), a linear map, to `shape`. The steps' matrices are built where they are used, and
 * on the way back once more: nothing is kept in between. Beyond x and the result it takes less than the room of the larger.
 */
export function applySteps(x: Tensor, steps: () => PlannedStep[], shape: number[]): Tensor {
  const apply = customGrad((...inputs) => ({
    value: applied(inputs[0] as Tensor, steps, shape),
    gradFunc: (dy: Tensor) => applySteps(dy, () => adjointSteps(steps()), x.shape),
  }));
  return apply(x);
}

function applied(x: Tensor, steps: () => PlannedStep[], shape: number[]): Tensor {
  if (x.size === 0) return zeros(shape); // which backends do not multiply
  return isForKernel(KERNELS.productChain, x) ? byKernel(x, steps, shape) : inPieces(x, steps, shape);
}

function byKernel(x: Tensor, makeSteps: () => PlannedStep[], shape: number[]): Tensor {
  return tidy(() => {
    const steps = stepsFrom(makeSteps());
    const attrs = { inner: steps.map(({ inner }) => inner), channels: x.shape.at(-1)!, shape };
    return runKernel(KERNELS.productChain, { x, ...matricesOf(steps, 'matrix') }, attrs);
  });
}

function inPieces(x: Tensor, makeSteps: () => PlannedStep[], shape: number[]): Tensor {
  let cut: Cut = { count: 1, end: 'examples' };
  // The matrices go with this scope, before pieces are joined: those and the result are all that is there then.
  const parts = tidy(() => {
    const steps = stepsFrom(makeSteps());
    const size = util.sizeFromShape(shape);
    cut = cutOf(x, constantsOf(steps) + heldBy(steps, x.size), Math.max(x.size, size) + size);
    const chain = chainOf(steps);
    return Array.from({ length: cut.count }, (_, i) => chain(pieceOf(x, cut, i), { consume: cut.count > 1 }));
  });
  return joinedPieces(parts, cut, shape);
}
