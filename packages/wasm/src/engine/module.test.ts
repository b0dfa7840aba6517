import { setFlagsFromString } from 'node:v8';
import { randomValues } from '@stridelab/test-kit';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { moduleFor } from './module.ts';

beforeAll(() => {
  // Node 20 has relaxed SIMD behind a flag, which later ones do not know.
  if (Number(process.versions.node.split('.')[0]) < 21) setFlagsFromString('--experimental-wasm-relaxed-simd');
});

afterEach(() => vi.restoreAllMocks());

it('makes a module for either kind of memory', () => {
  for (const shared of [false, true]) {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared });
    const module = new WebAssembly.Module(moduleFor(memory));
    expect(() => new WebAssembly.Instance(module, { env: { memory } })).not.toThrow();
  }
});

const SIZE = 24;

/** a (rows, SIZE) by b (SIZE, columns), by the module that an engine with relaxed SIMD has, or one without. */
function product(engine: 'relaxed' | 'plain', a: number[], b: number[]): Float32Array {
  const validate = vi.spyOn(WebAssembly, 'validate');
  if (engine === 'plain') validate.mockReturnValue(false);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const module = new WebAssembly.Module(moduleFor(memory));
  if (engine === 'relaxed') expect(validate).toHaveReturnedWith(true); // else two modules that are the same are compared
  validate.mockRestore();
  const { matMul } = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<string, CallableFunction>;
  const [rows, columns] = [a.length / SIZE, b.length / SIZE];
  const [first, second, result, panel] = [0, 1, 2, 3].map((i) => i << 13) as [number, number, number, number];
  new Float32Array(memory.buffer, first, a.length).set(a);
  new Float32Array(memory.buffer, second, b.length).set(b);
  matMul!(first, second, result, panel, rows, columns, SIZE);
  return new Float32Array(memory.buffer, result, rows * columns);
}

it('multiplies and adds at once where the engine can, and then rounds once', () => {
  // (1 + e)^2 - (1 + 2 e) is e^2, which (1 + e)^2 has lost once it is rounded.
  const e = 2 ** -12;
  const row = (...values: number[]) => [...values, ...Array(SIZE - values.length).fill(0)];
  const [a, b] = [row(-1, 1 + e), row(1 + 2 * e, 1 + e)];
  expect(product('plain', a, b)[0]).toBe(0);
  // A processor that cannot either is free to round twice; of those that run tests, none is that old.
  expect(product('relaxed', a, b)[0]).toBe(e ** 2);
});

it('has the same products either way, but for their rounding', () => {
  const [rows, columns] = [7, 13];
  const a = [...randomValues(rows * SIZE, 1)];
  const b = [...randomValues(SIZE * columns, 2)];
  const [relaxed, plain] = [product('relaxed', a, b), product('plain', a, b)];
  for (let i = 0; i < rows * columns; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    let exact = 0;
    for (let k = 0; k < SIZE; k++) exact += Math.fround(a[row * SIZE + k]!) * Math.fround(b[k * columns + column]!);
    expect(relaxed[i]).toBeCloseTo(exact, 5);
    expect(plain[i]).toBeCloseTo(exact, 5);
  }
  expect(relaxed).not.toEqual(plain);
});
