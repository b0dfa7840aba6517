import { checkGradient, expectNamedError, expectNoLeak, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { kroneckerKernel, PhcConvError, phcConv3d } from './index.ts';
import { random } from './test-values.ts';

const make = () => ({
  x: random<tf.Tensor5D>([2, 5, 4, 6, 4], 1),
  rule: random<tf.Tensor3D>([2, 2, 2], 2),
  filters: random([2, 2, 3, 2, 2, 1], 3),
  bias: random<tf.Tensor1D>([2], 4),
});

const CASES = [
  [{}, 1, 'valid', 1],
  [{ strides: 2, padding: 'same' }, 2, 'same', 1],
  [{ dilation: 2, padding: 'same' }, 1, 'same', 2],
] as const;

forEachBackend((backend) => {
  // TensorFlow dilates no volumes on the processor.
  const cases = CASES.filter(([, , , dilation]) => dilation === 1 || backend !== 'tensorflow');
  it.each(cases)('with %j convolves by the built kernel, and trains', async (options, stride, padding, dilation) => {
    const { x, rule, filters, bias } = make();
    const kernel = kroneckerKernel(rule, filters) as tf.Tensor5D;
    const plain = tf.conv3d(x, kernel, stride, padding, 'NDHWC', dilation);
    const expected = tf.add(tf.reshape(plain, [-1, 2]), bias);
    const run = (...[a, b, c, d]: tf.Tensor[]) => phcConv3d(a as tf.Tensor5D, b!, c!, { ...options, bias: d });
    await expect(tf.reshape(run(x, rule, filters, bias), [-1, 2])).toBeAllClose(expected);
    await checkGradient(run, [x, rule, filters, bias]);
  });

  it('takes channels first', async () => {
    const { x, rule, filters, bias } = make();
    const first = tf.transpose(x, [0, 4, 1, 2, 3]);
    const run = (value: tf.Tensor) =>
      phcConv3d(value as tf.Tensor5D, rule, filters, { bias, dataFormat: 'channelsFirst' });
    await expect(tf.transpose(run(first), [0, 2, 3, 4, 1])).toBeAllClose(phcConv3d(x, rule, filters, { bias }));
    await checkGradient(run, [first]);
  });

  it('leaves no tensor behind', () => {
    const { x, rule, filters } = make();
    expectNoLeak(() => tf.grads((a, f) => phcConv3d(x, a!, f!))([rule, filters]));
  });
});

it('refuses filters for two axes', async () => {
  const { x, rule } = make();
  await expectNamedError(
    () => phcConv3d(x, rule, tf.zeros([2, 3, 3, 2, 1])),
    PhcConvError,
    'phc-conv.phcConv3d: filters must have shape (n, depth, height, width, in / n, out / n) with n = 2 of the algebra, ' +
      'got [2, 3, 3, 2, 1]',
  );
});
