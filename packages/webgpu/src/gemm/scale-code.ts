// Powers of two that bring operands into float16's range, as a shader finds and applies them.

/** Largest magnitudes of the parts of a tensor, as the bits of floats, which compare as the floats do. */
export const PARTIALS = 256;

/** Four partials an element. */
export const SCALES = { access: 'read', element: 'vec4u' } as const;

/**
 * The largest exponent of a tensor goes to 14, one below float16's last, so that its whole range lies below: full precision
 * for 28 binades, and a number other than zero for 38. An exponent of float32 stays within its own range thereby:
 * 2^-113 to 2^127.
 */
const TOP = 14;

/** `shiftsOf(thread)`: exponents of A's and B's scales. `powerOf(e)`: 2^e. `backOf(shifts)`: two factors that undo both. */
export const scaleCode = (threads: number): string => /* wgsl */ `
var<workgroup> largest: array<atomic<u32>, 2>;
fn most(v: vec4u) -> u32 { return max(max(v.x, v.y), max(v.z, v.w)); }
fn shiftOf(bits: u32) -> i32 { return clamp(${TOP} + 127 - i32(bits >> 23u), -113, 127); }
fn shiftsOf(thread: u32) -> vec2i {
  for (var i = thread; i < ${PARTIALS / 4}u; i += ${threads}u) {
    atomicMax(&largest[0], most(scales[uniforms.scaleA * ${PARTIALS / 4}u + i]));
    atomicMax(&largest[1], most(scales[uniforms.scaleB * ${PARTIALS / 4}u + i]));
  }
  workgroupBarrier();
  return vec2i(shiftOf(atomicLoad(&largest[0])), shiftOf(atomicLoad(&largest[1])));
}
fn powerOf(e: i32) -> f32 { return bitcast<f32>(u32(max(e, -126) + 127) << 23u); }
fn backOf(shifts: vec2i) -> vec2f {
  // Each by half of the exponent: what comes between the factors is then no larger and no smaller than both ends.
  let whole = -(shifts.x + shifts.y);
  let half = whole >> 1u;
  return vec2f(powerOf(half), powerOf(whole - half));
}`;
