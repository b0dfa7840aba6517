// With the kernels here too, spectral layers take at most one map beyond input and output.
import '../../index.ts';
import { diffStride2d } from '@stridelab/diffstride';
import { expectRoomForOneMap, openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, it } from 'vitest';

beforeAll(() => openTestBackend('webgpu'));

it.each<[number[], [number, number], object]>([
  [[4, 32, 32, 32], [2, 2], {}],
  [[4, 20, 20, 64], [2, 2], {}], // which cuts little off
  [[4, 18, 18, 64], [2, 2], {}], // which cuts nothing off: in pieces
  [[1, 40, 32, 48], [2, 1.7], {}],
  [[4, 32, 32, 32], [2, 2], { mask: 'symmetric' }],
  [[8, 16, 16, 8], [1.1, 3], {}], // of few channels
])(
  'DiffStride of %j with strides %j, %j',
  async (shape, strides, options) => {
    const pool = (x?: tf.Tensor, s?: tf.Tensor) => diffStride2d(x as tf.Tensor4D, s!, options);
    await expectRoomForOneMap(pool, [tf.ones(shape), tf.tensor1d(strides)]);
  },
  300_000,
);
