// A program that opens what its words prefer (nothing: the best) with the PRECISION of its environment, computes, and says what
// it got.
import * as tf from '@tensorflow/tfjs-core';
import { type BackendName, openBackend, type Precision } from '../index.ts';

const prefer = process.argv.slice(2) as BackendName[];
const precision = process.env.PRECISION as Precision | undefined;
try {
  const backend = await openBackend({ ...(prefer.length && { prefer }), ...(precision && { precision }) });
  const [product] = await tf.dot(tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6])).data();
  const { name, device, notes } = backend;
  console.log(JSON.stringify({ name, device, precision: backend.precision, notes, product, current: tf.getBackend() }));
  await backend.dispose();
} catch (error) {
  console.log(JSON.stringify({ error: (error as Error).name, message: (error as Error).message }));
}
