import '../index.ts';
import { expectNamedError, openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { WasmError } from '../index.ts';
import { expectParity, random } from '../testing/parity.ts';

describe('unsortedSegmentSum', () => {
  const ids = (values: number[]) => ({ shape: [values.length], values, dtype: 'int32' as const });

  it.each([[[6]], [[6, 5]], [[6, 2, 8]]])('%j', async (shape) => {
    await expectParity([random(shape), ids([0, 3, 1, 3, 7, -1])], (x, segments) =>
      tf.unsortedSegmentSum(x!, segments as tf.Tensor1D, 5),
    );
  });

  it('of integers', async () => {
    // On cpu the sum of integers is float32, on every GPU int32 as here; the values agree.
    const x = { shape: [3, 5], values: Array.from({ length: 15 }, (_, i) => i), dtype: 'int32' as const };
    await expectParity([x, ids([1, 0, 1])], (a, segments) =>
      tf.unsortedSegmentSum(a!, segments as tf.Tensor1D, 2).cast('float32'),
    );
    await openTestBackend('wasm');
    expect(tf.unsortedSegmentSum(tf.tensor1d([1, 2], 'int32'), tf.tensor1d([0, 0], 'int32'), 1).dtype).toBe('int32');
  });

  it('is the gradient of gather', async () => {
    await expectParity([random([4, 3])], (x) =>
      tf.grad((v) => tf.gather(v, tf.tensor1d([3, 1, 3], 'int32')).square())(x!),
    );
  });

  it('says what it does not take', async () => {
    await openTestBackend('wasm');
    const x = tf.ones([3, 2]);
    await expectNamedError(
      () => tf.unsortedSegmentSum(x.cast('bool'), tf.tensor1d([0, 0, 0], 'int32'), 2),
      WasmError,
      "wasm.unsortedSegmentSum: x must be float32 or int32, got 'bool'",
    );
    await expectNamedError(
      () => tf.unsortedSegmentSum(x, tf.tensor1d([0, 0], 'int32'), 2),
      WasmError,
      'wasm.unsortedSegmentSum: segmentIds must be of shape [3], got [2]',
    );
  });
});
