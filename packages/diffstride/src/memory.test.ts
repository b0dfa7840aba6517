// At most one map beyond input and output, there and back, whatever comes of the strides.
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
import { DiffStride } from './diff-stride-layer.ts';
import { type DiffStride2dOptions, diffStride1d, diffStride2d } from './diff-stride2d.ts';

/** Matrices are small beside all of these; some images are so few that they cannot go through one by one. */
const SHAPES = [
  [4, 32, 32, 32],
  [1, 40, 32, 48],
  [3, 33, 40, 24],
  [32, 16, 16, 8], // nothing is cut off at stride 2
  [1, 64, 64, 16],
  [1, 96, 96, 16],
];
const CASES: [stride: [number, number], options: DiffStride2dOptions][] = [
  [[2, 2], {}],
  [[2, 1.7], { mask: 'symmetric' }],
  [[1.1, 1.2], {}], // nothing is cut off of any
  [[1.1, 3], { mask: 'symmetric' }],
  [[3, 1.2], { cropping: false }],
];

/** A spectrum along the rows is as large as the image where only the columns shrink. */
const LONG_STRIDES: typeof CASES = [
  [[1, 8], {}],
  [[8, 1], {}],
];

function suite(backend: BackendName) {
  const few = compilesEachShape(backend);
  // In software a GPU takes minutes for what these say more than once.
  const cases = few ? CASES.slice(0, 3) : CASES;
  const learning = (options?: DiffStride2dOptions) => (x?: tf.Tensor, strides?: tf.Tensor) =>
    diffStride2d(x as tf.Tensor4D, strides!, options);

  it('with the map of the benchmark, [32, 32, 32, 64]', async () => {
    const x = tf.ones([32, 32, 32, 64]);
    for (const [stride, options] of few ? cases.slice(0, 1) : cases) {
      await expectRoomForOneMap(learning(options), [x, tf.tensor1d(stride)]);
      await expectRoomForOneMap((v) => diffStride2d(v as tf.Tensor4D, stride, options), [x]);
    }
  }, 600_000);

  it.each(SHAPES.slice(0, few ? 4 : SHAPES.length))(
    'with [%d, %d, %d, %d]',
    async (...shape) => {
      const x = tf.ones(shape);
      for (const [stride, options] of cases) {
        await expectRoomForOneMap(learning(options), [x, tf.tensor1d(stride)]);
        await expectRoomForOneMap((v) => diffStride2d(v as tf.Tensor4D, stride, options), [x]);
      }
    },
    600_000,
  );

  const photographCases = few ? CASES.slice(0, 1) : [...CASES.slice(0, 3), ...LONG_STRIDES];
  const photographs = [
    [1, 256, 180, 3],
    [2, 460, 160, 1],
    [1, 1040, 20, 16],
  ];
  it.each(photographs.slice(0, few ? 1 : 3))(
    'with photographs, which go by FFTs: [%d, %d, %d, %d]',
    async (...shape) => {
      const x = tf.ones(shape);
      for (const [stride, options] of photographCases) {
        await expectRoomForOneMap(learning(options), [x, tf.tensor1d(stride)]);
        await expectRoomForOneMap((v) => diffStride2d(v as tf.Tensor4D, stride, options), [x]);
      }
    },
    600_000,
  );

  it('with signals', async () => {
    const x = tf.ones([16, 64, 32]);
    for (const stride of [1.2, 3]) {
      const learn = (v?: tf.Tensor, strides?: tf.Tensor) => diffStride1d(v as tf.Tensor3D, strides!);
      await expectRoomForOneMap(learn, [x, tf.tensor1d([stride])]);
      await expectRoomForOneMap((v) => diffStride1d(v as tf.Tensor3D, stride), [x]);
    }
  }, 600_000);

  it('as a layer that has just learned', async () => {
    const layer = new DiffStride({ strides: 2 });
    const x = tf.ones([6, 32, 32, 32]);
    layer.build(x.shape);
    tf.tidy(() => layer.strides.assign(tf.sub(layer.strides, 0.1))); // a GPU knows this before the host does
    await expectRoomForOneMap((v) => layer.apply(v!, { training: true }) as tf.Tensor, [x, layer.strides]);
  }, 600_000);
}

forEachBackend(suite, COUNTED_BACKENDS);

describe('with the kernels of @stridelab/wasm', () => {
  beforeAll(registerWasmTraining);
  afterAll(restore);
  forEachBackend(suite, ['wasm']);
});
