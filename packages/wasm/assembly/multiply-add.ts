// The step of every inner loop of a product.

/**
 * a b + c. Where an engine has relaxed SIMD the two instructions become one, which rounds once: scripts/compile-kernels.mjs finds them
 * in the module, and c has to come between them for that.
 */
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}
