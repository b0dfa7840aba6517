// Random numbers that need no generator: each follows from its place, a seed and a step, on every backend alike.

const FACTOR = 1664525;
const SUMMAND = 1013904223;

/**
 * Fills `out` with `scale` or 0: with 0 where the number drawn, a whole one in [0, 2^32), is below `threshold`. It is the first word that
 * pcg3d makes of three: for value i of a step of a seed, of `i FACTOR + SUMMAND`, `(2 step + 1) FACTOR` and `(2 seed + 1) FACTOR`. Words
 * that are even would do badly: of some steps and seeds they end in so many zeros that nothing is left to mix.
 *
 * @see https://jcgt.org/published/0009/03/02/ (Jarzynski and Olano 2020)
 */
export function drawMask(out: Float32Array, seed: number, step: number, threshold: number, scale: number): void {
  const a = Math.imul(2 * step + 1, FACTOR);
  const b = Math.imul(2 * seed + 1, FACTOR);
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
