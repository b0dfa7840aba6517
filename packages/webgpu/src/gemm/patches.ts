// The patches of images that a convolution multiplies, as a matrix (pixels of a grid, taps and channels) that exists nowhere.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { groupOf, isOuter, type Letter, type Operand, type UniformValues } from './operand.ts';

/**
 * Pixel (y, x) of the grid and tap (v, u) meet at (y * stride + start + v * step, ...) of the image; outside are zeros.
 * The strings are WGSL: a number, a uniform or something that the program declares.
 */
export interface Window {
  channels: number;
  height: string;
  width: string;
  gridHeight: string;
  gridWidth: string;
  /** Reciprocals of the two above. */
  perGridHeight: string;
  perGridWidth: string;
  startY: string;
  startX: string;
  strideY: number;
  strideX: number;
  stepY: number;
  stepX: number;
  /** Taps in a row of the filter. */
  across: string;
}

/** Up to here the error of a quotient in float32 is below one half. */
export const LARGEST_QUOTIENT = 2 ** 20;

/**
 * Division by a number whose reciprocal is known. Exact while the quotient is at most {@link LARGEST_QUOTIENT}; `dividedSmall`
 * takes no numerator beyond that either. 2^23 is added because then a float's last bits are those of an integer: chips convert
 * numbers between the two at an eighth of the rate of their arithmetic, and a step of a convolution divides eight times.
 */
export const DIVIDED = /* wgsl */ `
fn quotientOf(n: u32, d: u32, about: f32) -> u32 {
  let q = bitcast<u32>(about + 8388608.0) & 0x7fffffu;
  let rest = i32(n - q * d);
  return select(select(q, q + 1u, rest >= i32(d)), q - 1u, rest < 0);
}
fn divided(n: u32, d: u32, reciprocal: f32) -> u32 { return quotientOf(n, d, f32(n) * reciprocal); }
fn dividedSmall(n: u32, d: u32, reciprocal: f32) -> u32 {
  return quotientOf(n, d, (bitcast<f32>(n | 0x4b000000u) - 8388608.0) * reciprocal);
}`;

export interface PatchesOptions {
  tensor: TensorInfo;
  /** The axis of the product that counts pixels; the other counts taps and channels. */
  pixels: 'inner' | 'outer';
  window: Window;
  uniforms: UniformValues;
}

export function patches(letter: Letter, { tensor, pixels, window, uniforms }: PatchesOptions): Operand {
  const [pixel, tap] = pixels === 'outer' ? [`Outer${letter}`, `Inner${letter}`] : [`Inner${letter}`, `Outer${letter}`];
  const isWithin = (name: string) => (name.startsWith('Outer') ? isOuter(letter) : 'isInner');
  const { channels, height, width, gridHeight, gridWidth, perGridHeight, perGridWidth, across } = window;
  const code = /* wgsl */ `
struct ${pixel} { at: i32, y: i32, x: i32, within: bool }
fn ${lower(pixel)}(i: u32) -> ${pixel} {
  let line = divided(i, ${gridWidth}, ${perGridWidth});
  let image = dividedSmall(line, ${gridHeight}, ${perGridHeight});
  let y = i32(line - image * ${gridHeight}) * ${window.strideY} + ${window.startY};
  let x = i32(i - line * ${gridWidth}) * ${window.strideX} + ${window.startX};
  let at = ((i32(image * ${height}) + y) * i32(${width}) + x) * ${channels};
  return ${pixel}(at, y, x, ${isWithin(pixel)}(i));
}
struct ${tap} { at: i32, y: i32, x: i32, within: bool }
fn ${lower(tap)}(i: u32) -> ${tap} {
  let place = i / ${channels}u;
  let line = place / ${across};
  let y = i32(line) * ${window.stepY};
  let x = i32(place - line * ${across}) * ${window.stepX};
  let at = (y * i32(${width}) + x) * ${channels} + i32(i - place * ${channels}u);
  return ${tap}(at, y, x, ${isWithin(tap)}(i));
}
fn within${letter}(o: Outer${letter}, k: Inner${letter}) -> bool {
  return o.within & k.within & (u32(o.y + k.y) < ${height}) & (u32(o.x + k.x) < ${width});
}
fn at${letter}(o: Outer${letter}, k: Inner${letter}) -> u32 { return u32(o.at + k.at); }`;
  return {
    tensor,
    contiguous: pixels === 'outer' ? 'inner' : 'outer',
    group: groupOf(channels),
    key: `patches ${pixels} ${Object.values(window).join(' ')}`,
    uniforms,
    code,
  };
}

const lower = (name: string) => name[0]!.toLowerCase() + name.slice(1);
