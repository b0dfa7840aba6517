// The task: pictures of standing and lying stripes under noise. How fine the standing ones are is the class; the lying ones
// are of any kind and tell nothing. So frequencies across the picture matter, and frequencies down it only disturb.

export const SIZE = 32;
/**
 * Waves across a picture, for each class. At a stride of 3 the layer's mask ends between the second and the third: a stride
 * learns from what lies on the mask's soft edge, so each class has to be near enough to the one before.
 */
export const WAVES = [8, 9.5, 11, 12.5, 14];
/** Waves down a picture: anything between these, whatever the class. */
export const DISTURBANCE = [5, 15];
const NOISE = 1;

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function wave(waves, phase) {
  return Float32Array.from({ length: SIZE }, (_, at) => Math.sin(2 * Math.PI * ((waves * at) / SIZE + phase)));
}

/** One new picture for each label, [count, SIZE, SIZE, 1]. */
export function picturesOf(labels, random) {
  const images = new Float32Array(labels.length * SIZE * SIZE);
  const [low, high] = DISTURBANCE;
  // Even noise over this width has a deviation of NOISE.
  const width = NOISE * Math.sqrt(12);
  let at = 0;
  for (const label of labels) {
    const standing = wave(WAVES[label], random());
    const lying = wave(low + (high - low) * random(), random());
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) images[at++] = standing[x] + lying[y] + width * (random() - 0.5);
    }
  }
  return { images, labels, shape: [labels.length, SIZE, SIZE, 1] };
}

/** A batch of pictures that nobody has seen before. */
export function batch(size, random) {
  const labels = Array.from({ length: size }, () => Math.floor(random() * WAVES.length));
  return picturesOf(labels, random);
}
