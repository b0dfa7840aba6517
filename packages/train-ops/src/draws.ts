// Random numbers that need no generator: each follows from its place, a seed and a step, on every backend alike.

const FACTOR = 1664525;
const SUMMAND = 1013904223;

/**
 * Fills `out` with `scale` or 0: with 0 where the number drawn, a whole one in [0, 2^32), is below `threshold`. Number i of a step of a
 * seed is the first word of pcg3d(i, step, seed).
 *
 * @see https://jcgt.org/published/0009/03/02/ (Jarzynski and Olano 2020)
 */
export function drawMask(out: Float32Array, [seed, step]: readonly number[], threshold: number, scale: number): void {
  const a = (Math.imul(step!, FACTOR) + SUMMAND) | 0;
  const b = (Math.imul(seed!, FACTOR) + SUMMAND) | 0;
  let next = (SUMMAND + Math.imul(a, b)) | 0;
  for (let i = 0; i < out.length; i++) {
    let x = next;
    let y = (a + Math.imul(b, x)) | 0;
    let z = (b + Math.imul(x, y)) | 0;
    x ^= x >>> 16;
    y ^= y >>> 16;
    z ^= z >>> 16;
    const drawn = (x + Math.imul(y, z)) >>> 0;
    out[i] = scale * Number(drawn >= threshold); // a branch would be guessed wrong every other time
    next = (next + FACTOR) | 0;
  }
}
