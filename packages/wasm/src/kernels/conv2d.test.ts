import '../index.ts';
import { naiveConv2d, openTestBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

// Values and gradients of all that @stridelab/test-kit lists are in conv2d-backprop.test.ts, rounded sizes too.
const conv = (strides: number, pad: 'same' | 'valid' | number) => (x: tf.Tensor, filter: tf.Tensor) =>
  tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad as 'same');

describe('of the size that TF.js gives the result, whatever its own kernel would come to', () => {
  it.each([
    ['padding of 1 around 1x3', [1, 3], 1],
    ['padding of 1 around 2x3, stride 2', [2, 3], 2],
  ] as const)('%s', async (_, [height, width], strides) => {
    await expectParity([random([2, 7, 8, 5]), random([height, width, 5, 6], 2)], valueAndGradients(conv(strides, 1)));
  });
});

describe('by transformed tiles', () => {
  it.each([
    ['whole tiles', [2, 16, 16, 8], 16, 'same'],
    ['half a tile left over on each side', [3, 15, 13, 8], 12, 'same'],
    ['no padding', [2, 18, 17, 8], 8, 'valid'],
    ['padding of 2', [2, 13, 16, 12], 20, 2],
    ['small images', [20, 4, 3, 8], 8, 'same'],
    ['of one row and column of tiles', [70, 1, 2, 8], 8, 'same'],
    ['deep', [1, 16, 17, 100], 36, 'same'],
    ['more tiles than are made at a time', [1, 40, 33, 16], 8, 'same'],
    ['large tiles', [4, 16, 16, 32], 32, 'same'],
    ['large tiles, some left over on each side', [5, 14, 15, 36], 44, 'same'],
    ['large tiles, no padding', [4, 17, 18, 32], 40, 'valid'],
    ['large tiles, padding of 2', [6, 11, 13, 40], 32, 2],
    ['a large tile to an image', [70, 4, 3, 32], 32, 'same'],
    ['large tiles of many channels', [4, 16, 16, 32], 264, 'same'],
    ['large tiles of rows that would fall into the same lines of the cache', [4, 15, 16, 256], 36, 'same'],
  ] as const)('%s', async (_, x, channels, pad) => {
    await expectParity([random([...x]), random([3, 3, x[3], channels], 2)], valueAndGradients(conv(1, pad)));
  });

  it.each([
    ['small tiles', 8, 12],
    ['large ones', 32, 36],
  ])('with a bias and relu6, %s', async (_, depth, channels) => {
    const inputs = [random([5, 15, 16, depth]), random([3, 3, depth, channels], 2), random([channels], 3, 5)];
    await expectParity(inputs, (x, filter, bias) =>
      tf.fused.conv2d({
        ...{ x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, bias: bias!, activation: 'relu6' },
        ...{ strides: 1, pad: 'same' },
      }),
    );
  });

  it.each([
    [16, 18, 5e-7],
    [64, 18, 5e-7],
    [128, 18, 5e-7],
    // Large tiles.
    [32, 32, 2.5e-6],
    [64, 32, 2.5e-6],
    [128, 32, 2.5e-6],
  ])('of %i channels in %i rows is within %d of float64', async (channels, side, relative) => {
    await openTestBackend('wasm');
    const [xShape, kernelShape] = [
      [1, side, side, channels] as [number, number, number, number],
      [3, 3, channels, channels] as [number, number, number, number],
    ];
    const [x, kernel] = [randomValues(side ** 2 * channels, 1), randomValues(9 * channels ** 2, 2)];
    const { values } = naiveConv2d({ x, xShape, kernel, kernelShape, padding: 'same' });
    const y = tf.conv2d(tf.tensor4d(x, xShape), tf.tensor4d(kernel, kernelShape), 1, 'same');
    await expect(y).toBeAllClose(values, { relative });
  });

  it('adds whole numbers without rounding', async () => {
    await openTestBackend('wasm');
    const numbers = (shape: number[]) =>
      tf.tensor(
        randomValues(tf.util.sizeFromShape(shape), 1).map((v) => Math.round(9 * v)),
        shape,
      );
    const [x, filter] = [numbers([2, 16, 16, 8]) as tf.Tensor4D, numbers([3, 3, 8, 8]) as tf.Tensor4D];
    const values = [
      tf.conv2d(x, filter, 1, 'same'),
      ...tf.grads((a, b) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same'))([x, filter]),
    ];
    for (const value of values) expect(value.dataSync().every(Number.isInteger)).toBe(true);
  });

  it('lets what is not finite reach what depends on it, and nothing else', async () => {
    await openTestBackend('wasm');
    const x = tf.buffer<tf.Rank.R4>([1, 16, 16, 8]);
    x.set(Number.POSITIVE_INFINITY, 0, 5, 6, 0);
    const y = await tf.conv2d(x.toTensor(), tf.ones([3, 3, 8, 8]), 1, 'same').array();
    for (const [row, line] of y[0]!.entries()) {
      for (const [column, [value]] of line.entries()) {
        expect(Number.isFinite(value)).toBe(Math.abs(row - 5) > 1 || Math.abs(column - 6) > 1);
      }
    }
  });
});

it('lets what is not finite reach the rest of a large tile, and nothing else', async () => {
  await openTestBackend('wasm');
  const x = tf.buffer<tf.Rank.R4>([4, 16, 16, 16]);
  x.set(Number.POSITIVE_INFINITY, 0, 5, 6, 0);
  const y = await tf.conv2d(x.toTensor(), tf.ones([3, 3, 16, 16]), 1, 'same').array();
  for (const [row, line] of y[0]!.entries()) {
    for (const [column, [value]] of line.entries()) {
      const isNear = Math.abs(row - 5) <= 1 && Math.abs(column - 6) <= 1;
      const isFar = Math.abs(row - 5) > 4 || Math.abs(column - 6) > 4;
      if (isNear || isFar) expect(Number.isFinite(value)).toBe(isFar);
    }
  }
});

describe('cut into strips', () => {
  it.each([
    ['larger than the cache', [2, 40, 41, 46], [3, 3, 46, 4], 1, 'same'],
    ['the same, without a border', [1, 48, 40, 48], [2, 3, 48, 5], 2, 'valid'],
    ['with rows between those that are read', [1, 65, 64, 24], [1, 1, 24, 9], 2, 'same'],
  ] as const)('%s', async (_, x, filter, strides, pad) => {
    await expectParity([random([...x]), random([...filter], 2)], valueAndGradients(conv(strides, pad)));
  });
});

type FusedConfig = Parameters<typeof tf.fused.conv2d>[0];

describe('fused', () => {
  const inputs = [random([2, 7, 6, 3]), random([3, 3, 3, 13], 2), random([13], 3, 5)];
  const fused = (more: Omit<FusedConfig, 'x' | 'filter' | 'strides' | 'pad'>) => (x: tf.Tensor, filter: tf.Tensor) =>
    tf.fused.conv2d({ x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, strides: 1, pad: 'same', ...more });

  it.each(['linear', 'relu', 'relu6', 'elu', 'sigmoid'] as const)('with a bias and %s', async (activation) => {
    await expectParity(inputs, (x, filter, bias) => fused({ bias: bias!, activation })(x!, filter!));
  });

  it('with relu and no bias', async () => {
    await expectParity(inputs.slice(0, 2), valueAndGradients(fused({ activation: 'relu' })));
  });

  it('with a slope for each channel', async () => {
    await expectParity(inputs, (x, filter, slope) =>
      fused({ activation: 'prelu', preluActivationWeights: slope! })(x!, filter!),
    );
  });
});

describe('left to TF.js, and of the right size', () => {
  const inputs = [random([2, 7, 8, 5]), random([1, 3, 5, 6], 2)];

  it('for an activation that is not computed here', async () => {
    await expectParity(inputs, (x, filter) =>
      tf.fused.conv2d({ x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, strides: 1, pad: 1, activation: 'elu' }),
    );
  });
});

it('lets NaN through', async () => {
  await openTestBackend('wasm');
  const x = tf.tensor4d([Number.NaN, 1, -1, 2], [1, 4, 1, 1]);
  const y = tf.fused.conv2d({ x, filter: tf.ones([1, 1, 1, 1]), strides: 1, pad: 'same', activation: 'relu' });
  expect([...y.dataSync()]).toEqual([Number.NaN, 1, 0, 2]);
});

it('makes nothing of no images, of no rows, and the bias of no channels', async () => {
  await openTestBackend('wasm');
  const filter = tf.ones<tf.Rank.R4>([3, 3, 4, 8]);
  expect(tf.conv2d(tf.zeros<tf.Rank.R4>([0, 9, 9, 4]), filter, 1, 'same').shape).toEqual([0, 9, 9, 8]);
  expect(tf.conv2d(tf.zeros<tf.Rank.R4>([5, 9, 2, 4]), filter, 7, 'valid').size).toBe(0);
  const [x, none, bias] = [
    tf.zeros<tf.Rank.R4>([1, 2, 1, 0]),
    tf.zeros<tf.Rank.R4>([1, 1, 0, 3]),
    tf.tensor1d([1, 2, 3]),
  ];
  const y = tf.fused.conv2d({ x, filter: none, strides: 1, pad: 'same', bias });
  expect([...y.dataSync()]).toEqual([1, 2, 3, 1, 2, 3]);
});

it('follows a filter that has changed', async () => {
  await openTestBackend('wasm');
  const x = tf.ones<tf.Rank.R4>([1, 4, 4, 2]);
  const filter = tf.variable(tf.ones<tf.Rank.R4>([1, 1, 2, 3]));
  expect(tf.conv2d(x, filter, 1, 'same').dataSync()[0]).toBe(2);
  filter.assign(tf.fill([1, 1, 2, 3], 5));
  expect(tf.conv2d(x, filter, 1, 'same').dataSync()[0]).toBe(10);
  filter.dispose();
});
