import '../index.ts';
import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

it.each<[number[], number[] | undefined]>([
  [[7], [0]],
  [[3, 5, 7, 9], [2]],
  [[3, 5, 7, 9], [-1]],
  [
    [3, 5, 7, 9],
    [0, 1, 3],
  ],
  [[3, 5, 7, 9], undefined],
  [[200, 3], [0]],
  [[2, 300, 70], [1]],
  [[4, 1], [1]],
  [[], []],
  [[0, 4], [0]],
])('reverse of %j along %j, against cpu', async (shape, axes) => {
  await expectParity(
    [random(shape)],
    valueAndGradients((x) => tf.reverse(x!, axes)),
  );
  const values = Int32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => 5 * i - 11);
  await expectParity([{ shape, values, dtype: 'int32' }], (x) => tf.reverse(x!, axes));
});

it.each([[[2, 5, 7, 3]], [[1, 1, 1, 1]], [[3, 4, 64, 1]]])('flipLeftRight of %j, against cpu', async (shape) => {
  await expectParity([random(shape)], (x) => tf.image.flipLeftRight(x as tf.Tensor4D));
});
