import { checkAdjoint, expectNamedError, expectNoLeak, forEachBackend, randomTensor } from '@stridelab/test-kit';
import type * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { PaddedShortcut, ResnetError } from './index.ts';

/** Every n-th pixel, then zeros, one number at a time. */
async function naive(x: tf.Tensor, filters: number, [strideHeight, strideWidth]: [number, number]) {
  const images = (await x.array()) as number[][][][];
  return images.map((rows) =>
    rows
      .filter((_, row) => row % strideHeight === 0)
      .map((pixels) =>
        pixels
          .filter((_, column) => column % strideWidth === 0)
          .map((channels) => Array.from({ length: filters }, (_, c) => channels[c] ?? 0)),
      ),
  );
}

forEachBackend(() => {
  it.each<[number[], [number, number]]>([
    [
      [2, 4, 4, 3],
      [2, 2],
    ],
    [
      [2, 5, 7, 2],
      [2, 3],
    ],
    [
      [1, 3, 4, 5],
      [1, 1],
    ],
    [
      [1, 2, 3, 1],
      [4, 1],
    ],
  ])('of %j keeps every %j-th pixel and adds channels of zeros', async (shape, strides) => {
    const layer = new PaddedShortcut({ filters: 5, strides });
    const x = randomTensor(shape, 1);
    const y = layer.apply(x) as tf.Tensor;
    expect(y.shape).toEqual(layer.computeOutputShape(shape));
    await expect(y).toBeAllClose(await naive(x, 5, strides));
    await checkAdjoint((v) => layer.apply(v) as tf.Tensor, x);
    expectNoLeak(() => layer.apply(x));
  });
});

it('comes back from its configuration', () => {
  const layer = new PaddedShortcut({ filters: 5, strides: [2, 1] });
  expect(new PaddedShortcut(layer.getConfig() as never).getConfig()).toEqual(layer.getConfig());
  expect(layer.computeOutputShape([null, null, null, 3])).toEqual([null, null, null, 5]);
});

describe('a layer that cannot be', () => {
  it.each<[string, () => unknown, string]>([
    ['strides', () => new PaddedShortcut({ filters: 2, strides: 1.5 }), 'strides must be integers >= 1, got 1.5'],
    ['filters', () => new PaddedShortcut({ filters: 0 }), 'filters must be an integer >= 1, got 0'],
    [
      'another option',
      () => new PaddedShortcut({ filters: 2, stride: 2 } as never),
      'options must be some of {filters, strides, name, trainable, inputShape, batchInputShape, batchSize, dtype, inputDType, weights, customObjects}, got {filters: 2, stride: 2}',
    ],
    [
      'channels',
      () => new PaddedShortcut({ filters: 2 }).apply(randomTensor([1, 2, 2, 3], 1)),
      'input channels must be <= filters, 2, got 3',
    ],
  ])('is refused by a named error: %s', async (_, call, rule) => {
    await expectNamedError(call, ResnetError, `resnet.PaddedShortcut: ${rule}`);
  });
});
