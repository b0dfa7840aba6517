import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { forEachBackend } from './for-each-backend.ts';
import { COUNTED_BACKENDS, peakBytes } from './peak-bytes.ts';

forEachBackend((backend) => {
  it('counts what is there at once, and values that tensors share once', () => {
    const x = tf.ones([1000]);
    expect(peakBytes(() => tf.dispose([tf.reshape(x, [10, 100]), tf.zeros([100])]))).toBe(400);
    let first = 0;
    const peak = peakBytes((soFar) => {
      const a = tf.mul(x, x);
      first = soFar();
      a.dispose();
      x.dispose();
      tf.dispose([tf.zeros([500]), tf.zeros([1500])]);
    });
    // wasm reserves room for one more number when it fills.
    const slack = backend === 'wasm' ? 64 : 0;
    expect([first, peak].map((bytes) => bytes - (bytes % 100))).toEqual([4000, 8000]);
    expect(peak - 8000).toBeLessThanOrEqual(slack);
  });

  it('gives everything back as it was, also when the work fails', () => {
    expect(() =>
      peakBytes(() => {
        throw new Error('work failed');
      }),
    ).toThrow('work failed');
    expect(peakBytes(() => tf.zeros([10]).dispose())).toBe(40);
  });
}, COUNTED_BACKENDS);
