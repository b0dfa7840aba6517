import '../../index.ts';
import * as tf from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import { expectParity, random } from '../../testing/parity.ts';

const NAME = 'StridelabWeightedProduct';

/** left * diag * right by TF.js's operations, on the other backend; what is absent is left out. */
function work(names: string[], repeat: number) {
  return (weights: tf.Tensor, ...matrices: tf.Tensor[]) => {
    const given = Object.fromEntries(names.map((name, i) => [name, matrices[i] as tf.Tensor2D]));
    if (tf.getBackend() === 'webgpu')
      return tf.engine().runKernel(NAME, { ...given, weights }, { repeat }) as tf.Tensor;
    const n = (given.left?.shape[1] ?? given.right?.shape[0])!;
    const places = Array.from({ length: n }, (_, k) => Math.floor(k / repeat) % weights.size);
    const diag = tf.diag(tf.gather(weights, tf.tensor1d(places, 'int32'))) as tf.Tensor2D;
    const left = given.left ? tf.matMul(given.left, diag) : diag;
    return given.right ? tf.matMul(left as tf.Tensor2D, given.right) : left;
  };
}

describe.each([
  ['pairs next to each other', 2],
  ['pairs apart', 1],
])('%s', (_, repeat) => {
  it.each([
    [3, 5, 7],
    [18, 10, 40],
    [1, 1, 1],
    [130, 9, 65],
  ])('(%d, 2 * %d) and (2 * that, %d)', async (rows, bins, columns) => {
    const [weights, left, right] = [random([bins]), random([rows, 2 * bins], 2), random([2 * bins, columns], 3)];
    await expectParity([weights, left, right], work(['left', 'right'], repeat));
    await expectParity([weights, left], work(['left'], repeat));
    await expectParity([weights, right], work(['right'], repeat));
  });
});
