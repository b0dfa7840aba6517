// The bytes of our WebAssembly module, as this engine and this memory want them.
import { MEMORY_KIND, MODULE, MULTIPLY_ADDS } from './compiled.ts';

/** Instructions, of three bytes each. */
const NOTHING = [1, 1, 1];
const RELAXED_MADD = [0xfd, 0x85, 2];

/** Of the instruction that fetches c, a variable. */
const FETCH_BYTES = 2;

/** The module, compiled for the memory that it is to work in. */
export const compiledFor = (memory: WebAssembly.Memory) => new WebAssembly.Module(moduleFor(memory));

/** The module for a memory that is shared between threads or for one that is not; with fused products, where the engine has them. */
export function moduleFor(memory: WebAssembly.Memory): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(MODULE.match(/../g)!, (byte) => Number.parseInt(byte, 16));
  const isShared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  if (isShared) bytes[MEMORY_KIND.offset] = MEMORY_KIND.shared;
  const fused = withFusedProducts(bytes);
  return WebAssembly.validate(fused) ? fused : bytes;
}

/**
 * The module with a b + c as one instruction, `f32x4.relaxed_madd`: of a, b, multiply, c, add the multiplication goes, and the
 * addition becomes that. Both are as long as it is.
 */
export function withFusedProducts(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const fused = Uint8Array.from(module);
  let at = -1;
  for (const step of MULTIPLY_ADDS.split(' ')) {
    at += Number(step);
    fused.set(NOTHING, at);
    fused.set(RELAXED_MADD, at + NOTHING.length + FETCH_BYTES);
  }
  return fused;
}
