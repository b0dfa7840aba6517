// What is multiplied: A (rows, inner) and B (inner, columns), of which no copy is made. An operand is WGSL that says where an
// element lies in a tensor. What belongs to the outer axis alone (A's row, B's column) and what belongs to the inner axis
// alone is worked out once and kept, because a thread meets the same ones over and over.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { UniformType } from '../gpu/program.ts';

export type Letter = 'A' | 'B';

export type UniformValues = Readonly<Record<string, readonly [UniformType, number]>>;

/** A piece of a shader and the uniforms that it reads. Equal keys mean equal code. */
export interface Part {
  key: string;
  uniforms: UniformValues;
  code: string;
}

/**
 * Its code declares, for the letter X: `struct OuterX`, `fn outerX(i: u32) -> OuterX`, `struct InnerX`,
 * `fn innerX(k: u32) -> InnerX`, `fn withinX(OuterX, InnerX) -> bool` (elsewhere the element is 0) and
 * `fn atX(OuterX, InnerX) -> u32`. It may read `batch` and ask `isRow(i)`, `isColumn(i)` and `isInner(k)`, which say of an
 * index whether the matrix goes so far.
 */
export interface Operand extends Part {
  tensor: TensorInfo;
  /** The axis whose neighbours are neighbours in memory. */
  contiguous: 'inner' | 'outer';
  /** They come in whole groups of so many. */
  group: 1 | 4 | 8;
  /** The tensor's numbers are scaled float16, eight in 16 bytes. Needs groups of 8. */
  packed?: boolean;
}

/** The most that lines of this length fall into. */
export const groupOf = (length: number): Operand['group'] => (length % 8 === 0 ? 8 : length % 4 === 0 ? 4 : 1);

/** Elements that are fetched at a time, and the type that holds them. */
export const widthOf = ({ group, packed }: Operand): Operand['group'] => (packed ? 8 : group === 1 ? 1 : 4);
export const FETCHED = { 1: 'f32', 4: 'vec4f', 8: 'vec4u' } as const;

/** The function that says whether the operand has a line so far along its outer axis. */
export const isOuter = (letter: Letter): string => (letter === 'A' ? 'isRow' : 'isColumn');

export interface LinearOptions {
  tensor: TensorInfo;
  contiguous: 'inner' | 'outer';
  /** Elements from a line to the next. */
  length: number;
  /** Elements from a matrix of the batch to the next; 0 for one that all share. */
  batchStride?: number;
  /** Element at which the first matrix begins, where that is not the tensor's first: a multiple of `length`. */
  start?: number;
}

/** Matrices as they lie, or transposed. */
export function linear(letter: Letter, options: LinearOptions): Operand {
  const { tensor, contiguous, length, batchStride = 0, start } = options;
  const times = (axis: string) => (axis === contiguous ? '' : ` * uniforms.length${letter}`);
  return {
    tensor,
    contiguous,
    group: groupOf(length),
    key: `linear ${contiguous}${start === undefined ? '' : ' from'}`,
    uniforms: {
      [`length${letter}`]: ['u32', length],
      [`batchStride${letter}`]: ['u32', batchStride],
      ...(start !== undefined && { [`start${letter}`]: ['u32', start] as const }),
    },
    code: linearCode(
      letter,
      `i${times('outer')} + batch * uniforms.batchStride${letter}${start === undefined ? '' : ` + uniforms.start${letter}`}`,
      `k${times('inner')}`,
    ),
  };
}

/** An operand whose address is one part for the outer axis plus one for the inner, and that has nothing outside. */
export function linearCode(letter: Letter, outerAt: string, innerAt: string): string {
  return /* wgsl */ `
struct Outer${letter} { at: u32, within: bool }
struct Inner${letter} { at: u32, within: bool }
fn outer${letter}(i: u32) -> Outer${letter} { return Outer${letter}(${outerAt}, ${isOuter(letter)}(i)); }
fn inner${letter}(k: u32) -> Inner${letter} { return Inner${letter}(${innerAt}, isInner(k)); }
fn within${letter}(o: Outer${letter}, k: Inner${letter}) -> bool { return o.within & k.within; }
fn at${letter}(o: Outer${letter}, k: Inner${letter}) -> u32 { return o.at + k.at; }`;
}

/** Reads an element, or several. There is no branch, `&&` neither, so that many reads are under way at a time. */
export function fetchCode(letter: Letter, operand: Operand): string {
  const width = widthOf(operand);
  const [type, binding] = [FETCHED[width], letter.toLowerCase()];
  return /* wgsl */ `
fn fetch${letter}(o: Outer${letter}, k: Inner${letter}) -> ${type} {
  let within = within${letter}(o, k);
  let at = select(0u, at${letter}(o, k)${width > 1 ? ` / ${width}u` : ''}, within);
  return select(${type}(), ${binding}[at], within);
}`;
}
