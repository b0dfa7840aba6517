// Pictures of stripes, fine or coarse, lying or standing, under noise: four classes, made here, the same on every run.
import * as tf from '@tensorflow/tfjs';

export const SIZE = 24;
export const CLASSES = 4;

function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function pictures(count, seed) {
  const random = randomNumbers(seed);
  const images = new Float32Array(count * SIZE * SIZE);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const label = i % CLASSES;
    const waves = label < 2 ? 2.5 + random() : 8 + random();
    const phase = 2 * Math.PI * random();
    labels[i] = label;
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        const along = label % 2 ? x : y;
        const stripes = Math.sin((2 * Math.PI * waves * along) / SIZE + phase);
        images[(i * SIZE + y) * SIZE + x] = stripes + 2 * (random() - 0.5) + 2 * (random() - 0.5);
      }
    }
  }
  return {
    images: tf.tensor4d(images, [count, SIZE, SIZE, 1]),
    labels: tf.oneHot(tf.tensor1d(labels, 'int32'), CLASSES).toFloat(),
  };
}
