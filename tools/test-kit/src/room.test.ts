import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { forEachBackend } from './for-each-backend.ts';
import { COUNTED_BACKENDS } from './peak-bytes.ts';
import { expectRoomForOneMap } from './room.ts';

forEachBackend(() => {
  it('allows one map, and no more', async () => {
    const x = tf.ones([100, 100]);
    const half = (v: tf.Tensor) => tf.slice(v, [0, 0], [50, 100]);
    const twice = tf.customGrad((v) => ({
      value: half(tf.add(v as tf.Tensor, 1)),
      gradFunc: (dy: tf.Tensor) => tf.concat([dy, dy]),
    }));
    await expectRoomForOneMap((v) => tf.tidy(() => twice(v!)), [x]);
    const keeping = tf.customGrad((v, save) => {
      const other = tf.add(v as tf.Tensor, 1);
      (save as tf.GradSaveFunc)([other, tf.add(other, 1)]);
      return { value: half(other), gradFunc: (dy: tf.Tensor) => tf.concat([dy, dy]) };
    });
    await expect(expectRoomForOneMap((v) => tf.tidy(() => keeping(v!)), [x])).rejects.toThrow(/beyond|tape|gradients/);
    await expect(expectRoomForOneMap((v) => tf.tidy(() => half(tf.add(tf.add(v!, 1), 1))), [x])).rejects.toThrow(
      'maps beyond',
    );
  });
}, COUNTED_BACKENDS);
