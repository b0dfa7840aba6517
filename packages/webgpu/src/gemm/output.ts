// Where the result goes, and what is done to it on the way.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Part } from './operand.ts';

/** Its code declares `fn rowStart(row: u32) -> u32`, the element at which a row of the result begins. */
export interface Output extends Part {
  shape: readonly number[];
  /** Rows lie one after the other, for each matrix of the batch. */
  dense: boolean;
  /** Written to, in the place of a new tensor. */
  into?: TensorInfo;
}

export function denseOutput(shape: readonly number[]): Output {
  return {
    shape,
    dense: true,
    key: 'dense',
    uniforms: {},
    code: 'fn rowStart(row: u32) -> u32 { return (slice * rows + row) * uniforms.columns; }',
  };
}

/** Rows one after the other in a tensor that is there, from `start` on, which is the beginning of a row. */
export function outputInto(into: TensorInfo, start: number): Output {
  return {
    shape: into.shape,
    into,
    dense: false,
    key: 'into',
    uniforms: { startC: ['u32', start] },
    code: 'fn rowStart(row: u32) -> u32 { return (slice * rows + row) * uniforms.columns + uniforms.startC; }',
  };
}

export const ACTIVATIONS: Readonly<Record<string, string>> = {
  linear: 'v',
  relu: 'select(v, vec4f(), v < vec4f())',
  relu6: 'clamp(v, vec4f(), vec4f(6))',
  elu: 'select(v, exp(v) - 1, v < vec4f())',
  sigmoid: '1 / (1 + exp(-v))',
  leakyrelu: 'select(v, v * uniforms.alpha, v < vec4f())',
};

/** result = activation(result + bias), of each column its own bias. */
export interface Epilogue {
  bias?: TensorInfo;
  activation: string;
  /** Slope of a leaky ReLU below zero. */
  alpha: number;
}

/** `fn finished(v: vec4f, column: u32) -> vec4f` of four neighbours in a row. */
export function epilogueCode(epilogue: Epilogue | undefined): string {
  if (!epilogue) return 'fn finished(v: vec4f, column: u32) -> vec4f { return v; }';
  const last = 'uniforms.columns - 1u';
  const four = [0, 1, 2, 3].map((i) => `bias[min(column + ${i}u, ${last})]`).join(', ');
  return /* wgsl */ `
fn finished(value: vec4f, column: u32) -> vec4f {
  let v = value${epilogue.bias ? ` + vec4f(${four})` : ''};
  return ${ACTIVATIONS[epilogue.activation]};
}`;
}

/** `fn put(row: u32, column: u32, v: vec4f)`: four neighbours of the result, as far as they are in it. */
export function putCode(wide: boolean): string {
  const scalars = [0, 1, 2, 3].map((i) => `if (column + ${i}u < uniforms.columns) { c[at + ${i}u] = f[${i}]; }`);
  return /* wgsl */ `
fn put(row: u32, column: u32, v: vec4f) {
  if (row >= rows || column >= uniforms.columns) { return; }
  let f = finished(v, column);
  let at = rowStart(row) + column;
  ${wide ? 'c[at >> 2u] = f;' : scalars.join('\n  ')}
}`;
}
