import { checkGradient, expectNamedError, expectNoLeak, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { kroneckerKernel, PhcConvError, phmDense } from './index.ts';
import { random } from './test-values.ts';

const make = (n: number, rows = [5]) => ({
  x: random([...rows, 2 * n], 1),
  rule: random<tf.Tensor3D>([n, n, n], 2),
  filters: random<tf.Tensor3D>([n, 2, 3], 3),
  bias: random<tf.Tensor1D>([3 * n], 4),
});

forEachBackend(() => {
  it.each([
    [1, [5]],
    [2, [2, 3]],
    [4, [2, 1, 3]],
    [7, [1]],
  ])('n = %d, rows %j, multiplies by the built kernel, and trains', async (n, rows) => {
    const { x, rule, filters, bias } = make(n, rows);
    const product = tf.matMul(tf.reshape(x, [-1, 2 * n]), kroneckerKernel(rule, filters) as tf.Tensor2D);
    const run = (...[a, b, c, d]: tf.Tensor[]) => phmDense(a!, b!, c!, { bias: d });
    await expect(run(x, rule, filters, bias)).toBeAllClose(tf.reshape(tf.add(product, bias), [...rows, 3 * n]));
    await checkGradient(run, [x, rule, filters, bias]);
  });

  it('leaves no tensor behind', () => {
    const { x, rule, filters, bias } = make(2);
    expectNoLeak(() => phmDense(x, rule, filters, { bias }));
    expectNoLeak(() => tf.grads((a, f) => phmDense(x, a!, f!))([rule, filters]));
  });
});

it.each([
  [[4], 'x must have rank 2 or more, got [4]'],
  [[3, 5], 'input channels must be a multiple of n = 2 (nearest: 4 and 6), got 5'],
  [[3, 8], 'x must have 4 channels, as the filters do, got 8'],
])('refuses x of shape %j', async (shape, message) => {
  const { rule, filters } = make(2);
  const x = tf.zeros(shape);
  await expectNamedError(() => phmDense(x, rule, filters), PhcConvError, `phc-conv.phmDense: ${message}`);
});

it('refuses a bias in the place of options', async () => {
  const { x, rule, filters, bias } = make(2);
  const message = 'phc-conv.phmDense: options must be some of {bias}, got a Tensor';
  await expectNamedError(() => phmDense(x, rule, filters, bias as never), PhcConvError, message);
});
