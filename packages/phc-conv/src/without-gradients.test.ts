// tfjs-core alone registers no gradients in Node. The functions here bring their own.
import { forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { phcConv1d, phcConv2d, phcConv2dTranspose, phcConv3d, phmDense } from './index.ts';
import { random } from './test-values.ts';

const names = Object.values(tf).filter((name) => typeof name === 'string' && tf.getGradient(name)) as string[];
const registered = names.map((name) => tf.getGradient(name));
const rule = () => random([2, 2, 2], 1);
const first = { dataFormat: 'channelsFirst' } as const;

beforeAll(() => {
  for (const name of new Set(names)) tf.unregisterGradient(name);
});
afterAll(() => {
  for (const gradient of registered) tf.registerGradient(gradient);
});

forEachBackend(() => {
  it.each([
    [
      'phcConv1d',
      [2, 4, 7],
      [2, 3, 2, 1],
      (x, f, bias) => phcConv1d(x as tf.Tensor3D, rule(), f as tf.Tensor4D, { bias, ...first }),
    ],
    [
      'phcConv2d',
      [2, 7, 7, 4],
      [2, 3, 3, 2, 1],
      (x, f, bias) => phcConv2d(x as tf.Tensor4D, rule(), f as tf.Tensor5D, { bias, strides: 2 }),
    ],
    [
      'phcConv3d',
      [1, 4, 4, 4, 4],
      [2, 2, 2, 2, 2, 1],
      (x, f, bias) => phcConv3d(x as tf.Tensor5D, rule(), f, { bias }),
    ],
    [
      'phcConv2dTranspose',
      [2, 4, 4, 4],
      [2, 3, 3, 1, 2],
      (x, f, bias) => phcConv2dTranspose(x as tf.Tensor4D, rule(), f as tf.Tensor5D, { bias }),
    ],
    ['phmDense', [2, 3, 4], [2, 2, 1], (x, f, bias) => phmDense(x, rule(), f, { bias })],
  ] as [string, number[], number[], (...inputs: [tf.Tensor, tf.Tensor, tf.Tensor]) => tf.Tensor][])(
    '%s',
    async (_, xShape, filterShape, run) => {
      expect(tf.getGradient(tf.Reshape)).toBeUndefined();
      const inputs: [tf.Tensor, tf.Tensor, tf.Tensor] = [random(xShape, 2), random(filterShape, 3), random([2], 4)];
      const dy = tf.onesLike(run(...inputs));
      const gradients = tf.grads((...[x, f, bias]) => run(x!, f!, bias!))(inputs, dy);
      // Linear in its bias, and in x and the filters without one: sum(y) is what the gradients say.
      const total = await tf.sum(run(...inputs)).data();
      const parts = [0, 2].map((i) => tf.sum(tf.mul(inputs[i]!, gradients[i]!)));
      await expect(tf.addN(parts)).toBeAllClose([total[0]!], { relative: 1e-4, absolute: 1e-4 });
      const fromFilters = tf.add(tf.sum(tf.mul(inputs[1], gradients[1]!)), parts[1]!);
      await expect(fromFilters).toBeAllClose([total[0]!], { relative: 1e-4, absolute: 1e-4 });
    },
  );
});
