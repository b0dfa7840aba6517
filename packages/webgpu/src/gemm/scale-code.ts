// Powers of two that bring operands into float16's range, as a shader finds and applies them.

/** Largest magnitudes of the parts of a tensor at most, as the bits of floats, which compare as the floats do. */
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
export function scaleCode(threads: number): string {
  const readers = Math.min(threads, PARTIALS / 4);
  return /* wgsl */ `
fn most(v: vec4u) -> f32 { return bitcast<f32>(max(max(v.x, v.y), max(v.z, v.w))); }
fn shiftOf(largest: f32) -> i32 { return clamp(${TOP} + 127 - i32(bitcast<u32>(largest) >> 23u), -113, 127); }
fn shiftsOf(thread: u32) -> vec2i {
  var own = vec4f();
  if (thread < ${readers}u) {
    for (var i = thread; i < uniforms.scaleCountA / 4u; i += ${readers}u) {
      own.x = max(own.x, most(scales[uniforms.scaleA * ${PARTIALS / 4}u + i]));
    }
    for (var i = thread; i < uniforms.scaleCountB / 4u; i += ${readers}u) {
      own.y = max(own.y, most(scales[uniforms.scaleB * ${PARTIALS / 4}u + i]));
    }
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
