import { openTestBackend, randomTensor } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { internalsOf } from '../gpu/backend.ts';
import { sumParts } from './sum-parts.ts';

beforeAll(() => openTestBackend('webgpu'));

it.each([
  [2, 37, 3, 4],
  [1, 128, 9, 8],
  [3, 5, 11, 7],
  [1, 9, 40, 1],
])('of %i matrices in %i parts, %i x %i', async (...shape) => {
  const [matrices, , rows, columns] = shape;
  const each = randomTensor(shape, 1);
  const result = [matrices, rows, columns];
  const info = sumParts(internalsOf(tf.backend()), each, result, undefined);
  const sum = tf.engine().makeTensorFromDataId(info.dataId, result, 'float32');
  await expect(sum).toBeAllClose(tf.sum(each, 1), { relative: 1e-6 });
  tf.dispose([each, sum]);
});
