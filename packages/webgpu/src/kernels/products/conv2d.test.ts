import '../../index.ts';
import { openTestBackend, randomTensor } from '@stridelab/test-kit';
import { CONVOLUTIONS, convolution, testGradientsThatTfjsLacks } from '@stridelab/test-kit/kernels/convolutions';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { expectParity, random, valueAndGradients } from '../../testing/parity.ts';
import { openTiers, SMALL, withChoice } from '../../testing/tiers.ts';

const all = Object.keys(CONVOLUTIONS);
const some = ['more than a tile, odd', '3x3, stride 2', '1x1 of fours'];
const few = ['3x3, stride 2'];
const taps = ['taps of whole steps', 'taps of whole steps, stride 2'];

/** A tier, how far it may be from float32, and cases: what a tier adds does not depend on where operands lie. */
const TIERS = [
  ['plain', SMALL.plain, 1e-5, all],
  ['plain, two buffers', SMALL.twice, 1e-5, few],
  ['plain, in three parts', { ...SMALL.plain, parts: 3 }, 1e-5, taps],
  ['plain, one tap after another', { ...SMALL.plain, tapsInside: false }, 1e-5, taps],
  ['subgroups', SMALL.subgroups, 1e-5, some],
  ['matrix units, emulated', SMALL.emulated, 2e-3, [...some, ...taps, 'more than a tile', '7x7, stride 2']],
  ['matrix units, emulated, two buffers', SMALL['emulated twice'], 2e-3, few],
  ['matrix units, emulated, large tile', SMALL['emulated large'], 2e-3, few],
  ['matrix units, emulated, exact', { ...SMALL.emulated, split: true }, 3e-6, few],
  ['matrix units', SMALL.matrix, 2e-3, all],
  ['matrix units, two buffers', SMALL['matrix twice'], 2e-3, all],
  ['matrix units, exact', { ...SMALL.matrix, split: true }, 3e-6, all],
] as const;

const hasTier = await openTiers();
const here = TIERS.filter(([, { tier }]) => hasTier(tier));
const elsewhere = TIERS.filter((one) => !here.includes(one)).map(([name]) => name);

it.skip.each(elsewhere)('not on this device: %s', () => {});

describe.each(here)('forward and gradients as cpu has them: %s', (_, choice, relative, cases) => {
  it.each(cases)('%s', async (name) => {
    const options = CONVOLUTIONS[name]!;
    const inputs = [random(options.x), random(options.filter, 2)];
    await withChoice(choice, () => expectParity(inputs, valueAndGradients(convolution(options)), relative));
  });
});

it.each(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const)(
  'fused with a bias and %s',
  async (activation) => {
    const inputs = [random([2, 5, 6, 3]), random([3, 3, 3, 6], 2), random([6], 3), random([5, 6, 6], 4)];
    const fused = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor, slopes: tf.Tensor) =>
      tf.fused.conv2d({
        ...{ x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, bias, strides: 1, pad: 'same', activation },
        ...(activation === 'prelu' && { preluActivationWeights: slopes }),
        leakyreluAlpha: 0.3,
      });
    await withChoice(SMALL.plain, () => expectParity(inputs, fused as never, 1e-5));
  },
);

it.each(['plain', 'emulated'] as const)('fused with an activation alone, and in parts: %s', async (tier) => {
  const fused = (x: tf.Tensor, filter: tf.Tensor) =>
    tf.fused.conv2d({
      ...{ x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, strides: 2, pad: 'same', activation: 'relu' },
    });
  const inputs = [random([2, 5, 6, 8]), random([3, 3, 8, 36], 2)];
  for (const parts of [1, 3]) {
    await withChoice({ ...SMALL[tier], parts }, () => expectParity(inputs, fused as never, 2e-3));
  }
});

it.each([
  ['no channels', [2, 5, 6, 0], [3, 3, 0, 6]],
  ['no images', [0, 5, 6, 3], [3, 3, 3, 6]],
])('fused, of nothing: %s', async (_, x, filter) => {
  const fused = (images: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) =>
    tf.fused.conv2d({
      ...{ x: images as tf.Tensor4D, filter: kernel as tf.Tensor4D, bias, strides: 1, pad: 'same', activation: 'relu' },
    });
  await expectParity([random(x), random(filter, 2), random([6], 3)], fused as never);
});

describe('what TF.js lacks', () => testGradientsThatTfjsLacks('webgpu'));

it('of an upside-down convolution', async () => {
  const up = (x: tf.Tensor, filter: tf.Tensor) =>
    tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 9, 8, 3], [2, 2], 'same');
  const inputs = [random([2, 5, 4, 6]), random([3, 3, 3, 6], 2)];
  await withChoice(SMALL.plain, () => expectParity(inputs, valueAndGradients(up), 1e-5));
});

it('leaves to TF.js what it does not do', async () => {
  const channelsFirst = (x: tf.Tensor, filter: tf.Tensor) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same', 'NCHW');
  await openTestBackend('webgpu');
  const [x, filter] = [randomTensor([1, 3, 5, 6], 1), randomTensor([3, 3, 3, 4], 2)];
  // By which TF.js runs a kernel of its own.
  const theirs = vi.spyOn(tf.backend() as unknown as { runWebGPUProgram(): void }, 'runWebGPUProgram');
  const first = channelsFirst(x, filter);
  expect(theirs).toHaveBeenCalled();
  const y = tf.transpose(first, [0, 2, 3, 1]);
  const expected = tf.conv2d(tf.transpose(x as tf.Tensor4D, [0, 2, 3, 1]), filter as tf.Tensor4D, 1, 'same');
  await expect(y).toBeAllClose(expected);
  theirs.mockClear();
  tf.conv2d(x as tf.Tensor4D, randomTensor<tf.Tensor4D>([1, 1, 6, 2], 3), 1, 'same');
  expect(theirs).not.toHaveBeenCalled();
  theirs.mockRestore();
});

it('adds in an order that does not depend on timing', async () => {
  await openTestBackend('webgpu');
  const [x, dy] = [randomTensor<tf.Tensor4D>([4, 9, 8, 8], 1), randomTensor<tf.Tensor4D>([4, 9, 8, 8], 2)];
  const gradient = () =>
    tf
      .engine()
      .runKernel(
        tf.Conv2DBackpropFilter,
        { x, dy },
        { filterShape: [3, 3, 8, 8], strides: 1, pad: 'same', dataFormat: 'NHWC' },
      ) as tf.Tensor;
  await withChoice({ ...SMALL.plain, parts: 8 }, async () => {
    const first = await gradient().data();
    for (let i = 0; i < 3; i++) expect(await gradient().data()).toEqual(first);
  });
});

it('of an output without columns: gradients of zeros', async () => {
  await openTestBackend('webgpu');
  const gradient = (name: string, inputs: tf.NamedTensorMap, more: object) =>
    tf.engine().runKernel(name, inputs, { strides: 7, pad: 'valid', ...more }) as tf.Tensor;
  const [x, filter, dy] = [tf.ones([2, 9, 2, 4]), tf.ones([3, 3, 4, 8]), tf.ones([2, 1, 0, 8])];
  const dx = gradient(tf.Conv2DBackpropInput, { dy, filter }, { inputShape: x.shape });
  const dFilter = gradient(tf.Conv2DBackpropFilter, { x, dy }, { filterShape: filter.shape });
  await expect(dx).toBeAllClose(tf.zeros(x.shape));
  await expect(dFilter).toBeAllClose(tf.zeros(filter.shape));
});
