import '@tensorflow/tfjs';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { buildNetwork } from './network.ts';
import type { NetworkSettings } from './settings.ts';

const CIFAR = { inputShape: [32, 32, 3] as [number, number, number], classes: 10, seed: 1 };
const SMALL: NetworkSettings = {
  variant: 'preact',
  depth: 8,
  widths: [12, 12, 12, 24],
  strides: [1, 2, 2, 2],
  pooling: 'strided',
  conv: 'plain',
};

beforeAll(async () => void (await setBackend('cpu')));

function trainable(settings: NetworkSettings): number {
  const model = buildNetwork(settings, CIFAR);
  const count = model.trainableWeights.reduce(
    (sum, { shape }) => sum + (shape as number[]).reduce((a, b) => a * b, 1),
    0,
  );
  model.dispose();
  return count;
}

it.each(['strided', 'average', 'max', 'spectral', 'diffstride'] as const)('pools by %s', (pooling) => {
  const plain = trainable(SMALL);
  // A DiffStride has two strides, and there is one for the stem and for each stage that changes the map.
  expect(trainable({ ...SMALL, pooling })).toBe(plain + (pooling === 'diffstride' ? 8 : 0));
});

it('is the published network', () => {
  const published = {
    ...SMALL,
    depth: 18,
    widths: [64, 64, 128, 256, 512],
    strides: [1, 1, 2, 2, 2],
    pooling: 'diffstride',
  };
  expect(trainable(published as NetworkSettings)).toBe(11_172_178);
});

it.each([2, 3, 4])('has hypercomplex convolutions of n = %i', (n) => {
  const plain = trainable(SMALL);
  const count = trainable({ ...SMALL, conv: 'phc', n });
  expect(count).toBeLessThan(plain / n + 0.2 * plain);
  expect(count).toBeGreaterThan(plain / n);
});

it.each([
  [{ widths: [12, 12, 12] }, /resnet\.resnet: widths must be 4 numbers for depth 8/],
  [{ strides: [8, 8] }, /resnet\.resnet: strides must be 4 numbers for depth 8/],
  [{ strides: [4, 4, 4, 4] }, /resnet\.resnet: each image side must be >= 256, the product of its strides/],
  [{ widths: [12, 12, 13, 24], conv: 'phc', n: 3 }, /phc-conv\.PHCConv2D: .* got 13/],
] as [Partial<NetworkSettings>, RegExp][])('refuses %j', (change, message) => {
  expect(() => buildNetwork({ ...SMALL, ...change }, CIFAR)).toThrow(message);
});
