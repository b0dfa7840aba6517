// Gradients are checked against definitions: finite differences, and for linear maps the adjoint identity.
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { randomTensor, randomValues } from './random.ts';

export interface GradientCheckOptions {
  /** Half the width of the finite difference. Default 1e-2: float32 leaves little below. */
  step?: number;
  /** Allowed error as a share of what the gradient is along the direction, typically. Default 1e-2. */
  tolerance?: number;
  seed?: number;
}

/**
 * Checks the gradient of `f` by central differences: a random cotangent u turns it into the scalar s(x) = <f(x), u>,
 * and for every input, along a random direction v and along the gradient, <grad s, v> must be (s(x + hv) - s(x - hv)) / 2h.
 * Sums are taken in float64.
 */
export async function checkGradient(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: tf.Tensor[],
  { step = 1e-2, tolerance = 1e-2, seed = 1 }: GradientCheckOptions = {},
): Promise<void> {
  const output = f(...inputs);
  const cotangent = randomLike(output, seed);
  const gradients = tf.grads((...xs: tf.Tensor[]) => f(...xs))(inputs, cotangent);
  const [outputData, cotangentData] = [await output.data(), await cotangent.data()];
  // What a few units in the last place of float32 make of the difference.
  const rounding = (1e-6 * Math.sqrt(dot(outputData, outputData) * dot(cotangentData, cotangentData))) / step;
  for (const [i, input] of inputs.entries()) {
    expect(gradients[i]!.shape, `shape of gradient ${i}`).toEqual(input.shape);
    const gradient = await gradients[i]!.data();
    const random = randomValues(input.size, seed + 100 + i);
    const [length, gradientLength] = [Math.sqrt(dot(random, random)), Math.sqrt(dot(gradient, gradient))];
    // A random direction meets every element of the gradient, but of its length only a share of 1 / sqrt(size), against
    // which the error is held; along the gradient itself all of its length shows.
    const own = gradient.map((value) => (value * length) / (gradientLength || 1));
    const share = 1 / Math.sqrt(Math.max(input.size, 1));
    for (const [along, allowed] of [
      [random, tolerance * share],
      [own, tolerance],
    ] as const) {
      const direction = tf.tensor(along, input.shape, 'float32');
      const at = async (sign: number) => {
        const moved = tf.tidy(() => input.add(direction.mul(sign * step)));
        const value = f(...inputs.map((other, j) => (i === j ? moved : other)));
        return dot(await value.data(), cotangentData);
      };
      const numeric = ((await at(1)) - (await at(-1))) / (2 * step);
      const analytic = dot(gradient, along);
      expect(
        Math.abs(analytic - numeric),
        `gradient of input ${i}: ${analytic} along a direction, finite differences say ${numeric}`,
      ).toBeLessThanOrEqual(allowed * gradientLength * length + rounding);
    }
  }
}

/** Checks <A x, y> = <x, A' y> for a linear map `f`, A' being what the tape computes; exact but for rounding. */
export async function checkAdjoint(
  f: (x: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  { tolerance = 1e-5, seed = 1 } = {},
): Promise<void> {
  const image = f(x);
  const y = randomLike(image, seed);
  const pulledBack = tf.grad(f)(x, y);
  expect(pulledBack.shape).toEqual(x.shape);
  const [ax, yData, xData, aty] = await Promise.all([image.data(), y.data(), x.data(), pulledBack.data()]);
  const scale = Math.sqrt(dot(ax, ax) * dot(yData, yData)) + Math.sqrt(dot(xData, xData) * dot(aty, aty)) || 1;
  const gap = Math.abs(dot(ax, yData) - dot(xData, aty));
  expect(gap / scale, `<Ax, y> and <x, A'y> are ${gap} apart`).toBeLessThanOrEqual(tolerance);
}

function randomLike({ shape }: tf.Tensor, seed: number): tf.Tensor {
  return randomTensor(shape, seed);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
