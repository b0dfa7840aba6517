// What the page shows of a training beside its losses: read from the device between two steps, when nothing there moves.
import * as tf from '@tensorflow/tfjs-core';
import { picturesOf, randomNumbers, WAVES } from './data.js';

/** The coarsest class, one in the middle, the finest. */
const samples = picturesOf([0, WAVES.length >> 1, WAVES.length - 1], randomNumbers(2026));

/** Each sample, {label, picture}. */
export const samplePictures = samples.labels.map((label, i) => ({ label, picture: partOf(samples.images, i) }));

/** What belongs to the sample i in values of all of them. */
function partOf(values, i) {
  const each = values.length / samples.labels.length;
  return values.subarray(i * each, (i + 1) * each);
}

/** The strides, what the layer makes of the sample pictures themselves, and which class the network takes them for. */
export async function look({ model, pool }) {
  const strides = await pool.readStrides();
  const [maps, scores] = tf.tidy(() => {
    const pictures = tf.tensor4d(samples.images, samples.shape);
    return [pool.apply(pictures), tf.argMax(model.apply(pictures), 1)];
  });
  try {
    const [values, taken] = await Promise.all([maps.data(), scores.data()]);
    const [, height, width] = maps.shape;
    const ofSamples = Array.from(taken, (label, i) => ({ takenFor: label, map: partOf(values, i) }));
    return { strides, height, width, samples: ofSamples };
  } finally {
    tf.dispose([maps, scores]);
  }
}
