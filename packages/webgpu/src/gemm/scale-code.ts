// Powers of two that bring operands into float16's range, as a shader finds and applies them.
import type { UniformType } from '../gpu/program.ts';
import type { Letter } from './operand.ts';

/** Largest magnitudes of the parts of a tensor at most, as the bits of floats, which compare as the floats do. */
export const PARTIALS = 256;

/** Threads of a workgroup that look at them. */
export const SCALE_READERS = PARTIALS / 4;

/** Four partials an element. */
export const SCALES = { access: 'read', element: 'vec4u' } as const;

/**
 * The largest exponent of a tensor goes to 14, one below float16's last, so that its whole range lies below: full precision
 * for 28 binades, and a number other than zero for 38. An exponent of float32 stays within its own range thereby:
 * 2^-113 to 2^127.
 */
const TOP = 14;

/** The bits of a magnitude that counts: infinity and NaN are multiplied as they are at any scale. */
export const FINITE =
  'fn finite(bits: u32) -> u32 { let m = bits & 0x7fffffffu; return select(m, 0u, m >= 0x7f800000u); }';

/** Uniforms that say where the largest magnitudes of each operand are. */
export const scaleTypes = (letters: readonly Letter[]): Record<string, UniformType> =>
  Object.fromEntries(letters.flatMap((letter) => [`scale${letter}`, `scaleCount${letter}`].map((key) => [key, 'u32'])));

/**
 * Binary places that bounds of magnitudes may be too large by, in all, where nothing cancels: of the 28 that {@link TOP} leaves,
 * 12 remain. That is three products with 36 terms a sum; and the sums of a spectral map are hardly ever half of that too large.
 */
export const MOST_SLACK = 16;

/**
 * No sum of so many products of two numbers of A and B is larger: what a product knows of its result before it is made. Their
 * number comes last, so that only a bound that no float has overflows; one that underflows has the scale of zeros, the largest.
 */
export const LEAVE_BOUND = /* wgsl */ `if (index == 0u && thread == 0u) {
    let bound = largest.x * largest.y * f32(uniforms.inner);
    scales[uniforms.scaleC * ${PARTIALS / 4}u] = vec4u(bitcast<u32>(min(bound, 0x1.fffffep+127f)), 0u, 0u, 0u);
  }`;

/**
 * `shiftsOf(thread)`: exponents of the scales of A and B, or of A alone; from then on `largest` has what they are taken from.
 * `powerOf(e)`: 2^e. `backOf(shifts)`: two factors that undo both. It works in `scratch`, a vec4f for each of up to
 * {@link SCALE_READERS} threads.
 */
export function scaleCode(threads: number, letters: readonly Letter[]): string {
  const readers = Math.min(threads, SCALE_READERS);
  const largest = letters.map((letter, i) => {
    const own = `own.${'xy'[i]}`;
    return /* wgsl */ `
    for (var i = thread; i < uniforms.scaleCount${letter} / 4u; i += ${readers}u) {
      ${own} = max(${own}, most(scales[uniforms.scale${letter} * ${PARTIALS / 4}u + i]));
    }`;
  });
  return /* wgsl */ `
fn most(v: vec4u) -> f32 { return bitcast<f32>(max(max(v.x, v.y), max(v.z, v.w))); }
fn shiftOf(largest: f32) -> i32 { return clamp(${TOP} + 127 - i32(bitcast<u32>(largest) >> 23u), -113, 127); }
var<private> largest: vec2f;
fn shiftsOf(thread: u32) -> vec2i {
  var own = vec4f();
  if (thread < ${readers}u) {${largest.join('')}
    scratch[thread] = own;
  }
  workgroupBarrier();
  if (thread < 8u) {
    for (var i = thread; i < ${readers}u; i += 8u) { own = max(own, scratch[i]); }
    scratch[thread] = own; // which no other of the eight reads
  }
  workgroupBarrier();
  for (var i = 0u; i < 8u; i++) { own = max(own, scratch[i]); }
  workgroupBarrier();
  largest = own.xy;
  return vec2i(shiftOf(own.x), shiftOf(own.y));
}
fn powerOf(e: i32) -> f32 { return bitcast<f32>(u32(max(e, -126) + 127) << 23u); }
fn backOf(shifts: vec2i) -> vec2f {
  // Each by half of the exponent: what comes between the factors is then no larger and no smaller than both ends.
  let whole = -(shifts.x + shifts.y);
  let half = whole >> 1u;
  return vec2f(powerOf(half), powerOf(whole - half));
}`;
}
