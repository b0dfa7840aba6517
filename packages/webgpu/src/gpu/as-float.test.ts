import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { withFloats } from './as-float.ts';
import { internalsOf } from './backend.ts';

beforeAll(() => openTestBackend('webgpu'));

it('reads integers under a float type as what they are', async () => {
  const backend = internalsOf(tf.backend());
  const integers = tf.oneHot(tf.tensor1d([1, 0], 'int32'), 2);
  const x = tf.cast(integers, 'float32');
  const before = tf.memory().numTensors;
  await withFloats(backend, { x }, async ({ x: floats }) => {
    expect(floats!.dataId).not.toBe(x.dataId);
    backend.incRef(floats!.dataId);
    const tensor = tf.engine().makeTensorFromDataId(floats!.dataId, [2, 2], 'float32');
    await expect(tensor).toBeAllClose([0, 1, 1, 0]);
    tensor.dispose();
  });
  expect(tf.memory().numTensors).toBe(before);
});

it('hands on what is float already', () => {
  const x = tf.ones([3]);
  withFloats(internalsOf(tf.backend()), { x }, ({ x: same }) => expect(same).toBe(x));
});
