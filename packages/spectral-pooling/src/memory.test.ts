// At most one map beyond input and output, there and back. Where a map is made larger, the larger one counts.
import {
  type BackendName,
  COUNTED_BACKENDS,
  compilesEachShape,
  expectRoomForOneMap,
  forEachBackend,
} from '@stridelab/test-kit';
import { registerWasmTraining, restore } from '@stridelab/wasm/training';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { spectralPool1d, spectralPool2d } from './spectral-pool2d.ts';
import { spectralResize2d } from './spectral-resize.ts';

function suite(backend: BackendName) {
  const few = compilesEachShape(backend);
  const shapes = [
    [4, 32, 32, 32],
    [1, 40, 32, 48],
    [3, 33, 40, 24],
  ];
  it.each(few ? shapes : [...shapes, [32, 32, 32, 64]])(
    'with [%d, %d, %d, %d]',
    async (...shape) => {
      const x = tf.ones(shape);
      for (const strides of [
        [2, 2],
        [1.05, 1.5],
        [1, 1],
        [4, 1],
      ] as const) {
        await expectRoomForOneMap((v) => spectralPool2d(v as tf.Tensor4D, { strides: [...strides] }), [x]);
      }
      await expectRoomForOneMap((v) => spectralResize2d(v as tf.Tensor4D, [20, 31]), [x]);
    },
    600_000,
  );

  it('with a photograph, which goes by FFTs', async () => {
    const x = tf.ones([1, 256, 180, 3]);
    for (const strides of few ? [2] : [2, 1, 1.3]) {
      await expectRoomForOneMap((v) => spectralPool2d(v as tf.Tensor4D, { strides }), [x]);
    }
    if (!few) await expectRoomForOneMap((v) => spectralResize2d(v as tf.Tensor4D, [200, 150]), [x]);
  }, 600_000);

  it.skipIf(few)(
    'with few lines, which are a dozenth of an image only one by one',
    async () => {
      for (const [h, w] of [
        [16, 1300],
        [1300, 25],
      ] as const) {
        await expectRoomForOneMap((v) => spectralResize2d(v as tf.Tensor4D, [h >> 1, w >> 1]), [tf.ones([1, h, w, 7])]);
      }
    },
    600_000,
  );

  it('with signals', async () => {
    const x = tf.ones([16, 64, 32]);
    for (const strides of [1, 3]) await expectRoomForOneMap((v) => spectralPool1d(v as tf.Tensor3D, { strides }), [x]);
  });
}

forEachBackend(suite, COUNTED_BACKENDS);

describe('with the kernels of @stridelab/wasm', () => {
  beforeAll(registerWasmTraining);
  afterAll(restore);
  forEachBackend(suite, ['wasm']);
});
