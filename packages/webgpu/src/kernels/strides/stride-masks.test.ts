import '../../index.ts';
import { DiffStride } from '@stridelab/diffstride';
import { expectNoLeak, openTestBackend, randomTensor } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it, vi } from 'vitest';

beforeAll(() => openTestBackend('webgpu'));

const LIMITS = { lowerLimit: 1, upperLimit: 3e38 };

interface SideRule {
  stride: number;
  size: number;
  least: number;
  offset: number;
}

/** The definition, in float64, away from corners. */
function definition(side: SideRule, positions: number[], rule: typeof LIMITS & { smoothness: number }) {
  const { lowerLimit, upperLimit, smoothness } = rule;
  const raised = Math.max(side.stride, side.least);
  const used = Math.min(Math.max(raised, lowerLimit), upperLimit);
  const half = side.size / used / 2;
  const t = Math.max(half, 1) + side.offset;
  const ramps = positions.map((p) => (smoothness + t - p) / smoothness);
  const moves = half > 1 && raised === used;
  return [
    ramps.map((ramp) => Math.min(Math.max(ramp, 0), 1)),
    ramps.map((ramp) => (moves && ramp > 0 && ramp < 1 ? -half / used / smoothness : 0)),
  ];
}

const row: SideRule = { stride: 2.3, size: 32, least: 1.14, offset: 0 };
const column: SideRule = { stride: 1.7, size: 33, least: 1.14, offset: 1 };

function run(sides: SideRule[], positions: number[][], rule: object, strides: number[], index: number[]): tf.Tensor[] {
  const lists = positions.map((list, i) => [`positions${i}`, tf.tensor1d(list)]);
  const inputs = { strides: tf.tensor1d(strides), ...Object.fromEntries(lists) };
  const list = (name: 'size' | 'least' | 'offset') => sides.map((side) => side[name]);
  const attrs = { index, size: list('size'), least: list('least'), offset: list('offset'), ...rule };
  return tf.engine().runKernel('StridelabStrideMasks', inputs, attrs as never) as tf.Tensor[];
}

it.each<[string, SideRule[], object]>([
  ['rows and columns', [row, column], {}],
  ['columns alone', [column], {}],
  ['a stride that is raised', [{ ...row, stride: 0.5, size: 16, least: 1.63 }], { smoothness: 6 }],
  ['a limit that bites', [{ ...column, stride: 5.3, size: 16, least: 1.3 }, row], { upperLimit: 3 }],
  ['as few frequencies as can be', [{ ...row, stride: 40.1, size: 64, least: 1.1 }, column], { smoothness: 3 }],
])('%s', async (_, sides, options) => {
  const rule = { smoothness: 4, ...LIMITS, ...options };
  const positions = sides.map((_, i) => Array.from({ length: 70 - 7 * i }, (_, bin) => bin));
  const strides = sides.map(({ stride }) => stride);
  const make = () => run(sides, positions, rule, strides, [...sides.keys()]);
  const results = make();
  const expected = sides.flatMap((side, i) => definition(side, positions[i]!, rule));
  expect(results.map(({ shape }) => shape)).toEqual(expected.map(({ length }) => [length]));
  for (const [i, result] of results.entries()) await expect(result).toBeAllClose(expected[i]!, { relative: 1e-5 });
  expectNoLeak(() => tf.tidy(() => void make()));
});

it('of one stride for both sides', async () => {
  const sides = [row, { ...column, stride: row.stride }];
  const rule = { smoothness: 4, ...LIMITS };
  const positions = [
    [0, 5, 9, 10],
    [12, 11, 3],
  ];
  const results = run(sides, positions, rule, [row.stride], [0, 0]);
  const expected = sides.flatMap((side, i) => definition(side, positions[i]!, rule));
  for (const [i, result] of results.entries()) await expect(result).toBeAllClose(expected[i]!, { relative: 1e-5 });
});

it('makes the masks of a layer whose strides are on the device, once there and back', async () => {
  const layer = new DiffStride({ strides: 2 });
  const x = randomTensor([1, 16, 16, 2], 1) as tf.Tensor4D;
  layer.apply(x);
  const strides = layer.strides;
  layer.followStrides([2, 2]); // as a recorded step does
  const run = vi.spyOn(tf.engine(), 'runKernel');
  const gradient = () => tf.variableGrads(() => tf.sum(tf.square(layer.apply(x) as tf.Tensor)) as tf.Scalar, [strides]);
  const ours = gradient();
  expect(run.mock.calls.filter(([name]) => name === 'StridelabStrideMasks')).toHaveLength(1);
  run.mockRestore();
  layer.followStrides(undefined);
  await layer.readStrides();
  const known = gradient();
  await expect(ours.value).toBeAllClose(await known.value.data(), { relative: 1e-5 });
  await expect(Object.values(ours.grads)[0]!).toBeAllClose(await Object.values(known.grads)[0]!.data(), {
    relative: 1e-4,
  });
});
