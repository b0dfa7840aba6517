import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

it('clones without copying, and frees the values with the last clone', async () => {
  await openTestBackend('wasm');
  const backend = tf.backend();
  const before = backend.numDataIds();
  const x = tf.tensor1d([1, 2]);
  const y = tf.clone(x);
  expect(backend.numDataIds()).toBe(before + 1);
  x.dispose();
  expect([...y.dataSync()]).toEqual([1, 2]);
  y.dispose();
  expect(backend.numDataIds()).toBe(before);
  const text = tf.clone(tf.tensor1d(['a']));
  expect(text.dataSync()).toEqual(['a']);
});
