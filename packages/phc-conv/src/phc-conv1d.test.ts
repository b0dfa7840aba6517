import { checkGradient, expectNamedError, expectNoLeak, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { kroneckerKernel, PhcConvError, phcConv1d } from './index.ts';
import { random } from './test-values.ts';

const make = () => ({
  x: random<tf.Tensor3D>([2, 9, 4], 1),
  rule: random<tf.Tensor3D>([2, 2, 2], 2),
  filters: random<tf.Tensor4D>([2, 3, 2, 3], 3),
  bias: random<tf.Tensor1D>([6], 4),
});

forEachBackend(() => {
  it.each([
    [{}, 1, 'valid', 1],
    [{ strides: 2, padding: 'same' }, 2, 'same', 1],
    [{ dilation: 2, padding: 'same' }, 1, 'same', 2],
  ] as const)('with %j convolves by the built kernel, and trains', async (options, stride, padding, dilation) => {
    const { x, rule, filters, bias } = make();
    const kernel = kroneckerKernel(rule, filters) as tf.Tensor3D;
    const expected = tf.add(tf.conv1d(x, kernel, stride, padding, 'NWC', dilation), bias);
    const run = (...[a, b, c, d]: tf.Tensor[]) =>
      phcConv1d(a as tf.Tensor3D, b!, c as tf.Tensor4D, { ...options, bias: d });
    await expect(run(x, rule, filters, bias)).toBeAllClose(expected);
    await checkGradient(run, [x, rule, filters, bias]);
  });

  it('takes channels first', async () => {
    const { x, rule, filters, bias } = make();
    const first = tf.transpose(x, [0, 2, 1]);
    const run = (value: tf.Tensor) =>
      phcConv1d(value as tf.Tensor3D, rule, filters, { bias, dataFormat: 'channelsFirst' });
    await expect(tf.transpose(run(first), [0, 2, 1])).toBeAllClose(phcConv1d(x, rule, filters, { bias }));
    await checkGradient(run, [first]);
  });

  it('leaves no tensor behind', () => {
    const { x, rule, filters } = make();
    expectNoLeak(() => tf.grads((a, f) => phcConv1d(x, a!, f as tf.Tensor4D))([rule, filters]));
  });
});

it('says one integer where there is one axis', async () => {
  const { x, rule, filters } = make();
  await expectNamedError(
    () => phcConv1d(x, rule, filters, { strides: [1, 2] }),
    PhcConvError,
    'phc-conv.phcConv1d: strides must be one integer >= 1, got [1, 2]',
  );
});
