// Tests of the gradients of maxPool and avgPool, for the packages that have kernels of their own for them.
import * as tf from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import type { BackendName } from '../backends.ts';
import { parityOn, random, valueAndGradients } from '../parity.ts';

type Side = number | [number, number];
type Pad = 'same' | 'valid' | number;

const CASES: [string, number[], Side, Side, Pad][] = [
  ['2 by 2', [2, 8, 8, 8], 2, 2, 'same'],
  ['3 by 3, overlapping', [2, 7, 9, 5], 3, 2, 'same'],
  ['3 by 3, overlapping, four channels at once', [2, 9, 7, 12], 3, 2, 'same'],
  ['valid, a row left over', [2, 8, 7, 3], 3, 2, 'valid'],
  ['stride 1', [1, 5, 6, 4], 3, 1, 'same'],
  ['stride 3, gaps between windows', [2, 9, 8, 6], 2, 3, 'valid'],
  ['window larger than the map', [2, 3, 2, 4], 5, 1, 'same'],
  ['the whole map', [3, 6, 5, 8], [6, 5], 1, 'valid'],
  ['sides that differ', [2, 8, 9, 1], [2, 3], [1, 2], 'same'],
  ['padding of 1', [2, 6, 6, 7], 3, 2, 1],
];

const POOLS = [
  ['maxPool', tf.maxPool],
  ['avgPool', tf.avgPool],
] as const;

/** Gradients of both poolings on `backend`, whose kernels are registered, against cpu. */
export function testPoolingGradients(backend: BackendName): void {
  const expectParity = parityOn(backend);

  describe.each(POOLS)('gradient of %s', (_, pool) => {
    it.each(CASES)('%s', async (_, x, size, strides, pad) => {
      // Forward, averages at a padded border differ between TF.js's own backends; the gradient is what is ours.
      const both = valueAndGradients((v) => pool(v as tf.Tensor4D, size, strides, pad));
      await expectParity([random(x)], (v) => (both(v!) as tf.Tensor[])[1]!, 1e-5);
    });
  });

  it.each([1, 4])('of a tie goes to the first of the largest, %i channels', async (channels) => {
    const map = [1, 1, 0, 2, 1, 1, 2, 2, 0, 0, -1, -1, 0, 0, -1, -1];
    const x = { shape: [1, 4, 4, channels], values: map.flatMap((value) => Array(channels).fill(value)) };
    for (const [size, strides, pad] of [
      [2, 2, 'valid'],
      [3, 1, 'same'],
      [3, 2, 1],
    ] as const) {
      await expectParity(
        [x],
        valueAndGradients((v) => tf.maxPool(v as tf.Tensor4D, size, strides, pad)),
      );
    }
  });

  it('of many ties, as after a ReLU', async () => {
    const pooled = valueAndGradients((v) => tf.maxPool(v as tf.Tensor4D, 3, 2, 'same'));
    await expectParity([random([2, 9, 9, 8])], (x) => pooled(tf.relu(x!)));
  });
}
