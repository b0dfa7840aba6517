// A program that opens what its words prefer (nothing: the best), computes, and says what it got.
import * as tf from '@tensorflow/tfjs-core';
import { type BackendName, openBackend } from '../index.ts';

const prefer = process.argv.slice(2) as BackendName[];
try {
  const backend = await openBackend(prefer.length ? { prefer } : {});
  const [product] = await tf.dot(tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6])).data();
  const { name, device, notes } = backend;
  console.log(JSON.stringify({ name, device, notes, product, current: tf.getBackend() }));
  await backend.dispose();
} catch (error) {
  console.log(JSON.stringify({ error: (error as Error).name, message: (error as Error).message }));
}
