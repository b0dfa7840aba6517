// What the page shows of a training beside its losses: read from the device between two steps, when nothing there moves.
import * as tf from '@tensorflow/tfjs-core';
import { picturesOf, randomNumbers, WAVES } from './data.js';

const samples = picturesOf([...WAVES.keys()], randomNumbers(2026));
const valuesEach = samples.images.length / WAVES.length;

/** One picture of each class, as it is. */
export const samplePictures = [...WAVES.keys()].map((i) =>
  samples.images.subarray(i * valuesEach, (i + 1) * valuesEach),
);

/** The strides, what the layer makes of the sample pictures themselves, and which class the network takes them for. */
export async function look({ model, pool }) {
  const strides = await pool.readStrides();
  const [maps, scores] = tf.tidy(() => {
    const pictures = tf.tensor4d(samples.images, samples.shape);
    return [pool.apply(pictures), tf.argMax(model.apply(pictures), 1)];
  });
  try {
    const [values, taken] = await Promise.all([maps.data(), scores.data()]);
    const [count, height, width] = maps.shape;
    const each = values.length / count;
    const ofSamples = Array.from(taken, (label, i) => ({ label, map: values.subarray(i * each, (i + 1) * each) }));
    return { strides, height, width, samples: ofSamples };
  } finally {
    tf.dispose([maps, scores]);
  }
}
