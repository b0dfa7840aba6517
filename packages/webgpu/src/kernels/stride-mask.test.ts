import '../index.ts';
import { DiffStride } from '@stridelab/diffstride';
import { openTestBackend, randomTensor } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it, vi } from 'vitest';

beforeAll(() => openTestBackend('webgpu'));

const LIMITS = { lowerLimit: 1, upperLimit: 3e38 };

/** The definition, in float64, away from corners. */
function definition(stride: number, positions: number[], rule: Record<string, number>) {
  const { size, least, lowerLimit, upperLimit, smoothness, offset } = rule as Record<string, number> & { size: number };
  const raised = Math.max(stride, least!);
  const used = Math.min(Math.max(raised, lowerLimit!), upperLimit!);
  const half = size / used / 2;
  const t = Math.max(half, 1) + offset!;
  const ramps = positions.map((p) => (smoothness! + t - p) / smoothness!);
  const moves = half > 1 && raised === used;
  return {
    weights: ramps.map((ramp) => Math.min(Math.max(ramp, 0), 1)),
    slopes: ramps.map((ramp) => (moves && ramp > 0 && ramp < 1 ? -half / used / smoothness! : 0)),
  };
}

it.each([
  ['a row side', [2.3, 1.7], { index: 0, size: 32, least: 1.14, smoothness: 4, offset: 0, ...LIMITS }],
  ['a column side', [2.3, 1.7], { index: 1, size: 33, least: 1.14, smoothness: 4, offset: 1, ...LIMITS }],
  ['a stride that is raised', [0.5], { index: 0, size: 16, least: 1.63, smoothness: 6, offset: 0, ...LIMITS }],
  [
    'a limit that bites',
    [5.3],
    { index: 0, size: 16, least: 1.3, smoothness: 4, offset: 1, lowerLimit: 1, upperLimit: 3 },
  ],
  ['as few frequencies as can be', [40.1], { index: 0, size: 64, least: 1.1, smoothness: 3, offset: 0, ...LIMITS }],
])('%s', async (_, strides, rule) => {
  const positions = Array.from({ length: 70 }, (_, i) => i);
  const inputs = { strides: tf.tensor1d(strides), positions: tf.tensor1d(positions) };
  const [weights, slopes] = tf.engine().runKernel('StridelabStrideMask', inputs, rule) as tf.Tensor[];
  const expected = definition(strides[rule.index]!, positions, rule);
  await expect(weights!).toBeAllClose(expected.weights, { relative: 1e-5 });
  await expect(slopes!).toBeAllClose(expected.slopes, { relative: 1e-5 });
});

it('makes the masks of a layer whose strides are on the device', async () => {
  const layer = new DiffStride({ strides: 2 });
  const x = randomTensor([1, 16, 16, 2], 1) as tf.Tensor4D;
  layer.apply(x);
  const strides = layer.strides;
  layer.followStrides([2, 2]); // as a recorded step does
  const run = vi.spyOn(tf.engine(), 'runKernel');
  const gradient = () => tf.variableGrads(() => tf.sum(tf.square(layer.apply(x) as tf.Tensor)) as tf.Scalar, [strides]);
  const ours = gradient();
  expect(run.mock.calls.filter(([name]) => name === 'StridelabStrideMask').length).toBeGreaterThan(0);
  run.mockRestore();
  layer.followStrides(undefined);
  await layer.readStrides();
  const known = gradient();
  await expect(ours.value).toBeAllClose(await known.value.data(), { relative: 1e-5 });
  await expect(Object.values(ours.grads)[0]!).toBeAllClose(await Object.values(known.grads)[0]!.data(), {
    relative: 1e-4,
  });
});
