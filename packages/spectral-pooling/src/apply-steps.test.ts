import { openTestBackend, randomTensor, relativeL2Error } from '@stridelab/test-kit';
import { unavailable } from '@stridelab/test-kit/backends';
import { registerWasmTraining, restore } from '@stridelab/wasm/training';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isForKernel, KERNELS } from './kernels.ts';
import { pooledColumns, pooledRows } from './pooled-sides.ts';
import { resample } from './resample.ts';
import { spectrumProducts } from './spectrum-products.ts';

beforeAll(registerWasmTraining);
afterAll(restore);

it.skipIf(unavailable.has('wasm')).each([
  [true, [2, 40, 32, 5]],
  [false, [2, 100, 90, 5]],
  [false, [1, 96, 96, 16]],
])('with the kernels of @stridelab/wasm, in one pass (%o) or product by product: [%s]', async (inOnePass, shape) => {
  const [, H, W] = shape as [number, number, number, number];
  const map = { height: pooledRows(H, 22, 'backward'), width: pooledColumns(W, 17, 'backward') };
  const results = async (backend: 'cpu' | 'wasm') => {
    await openTestBackend(backend);
    const [x, dy] = [randomTensor(shape, 1), randomTensor([shape[0]!, 22, 17, shape[3]!], 2)];
    if (backend === 'wasm') expect(isForKernel(KERNELS.productChain, x)).toBe(inOnePass);
    const y = resample(x, map);
    const dx = tf.grad((v) => resample(v, map))(x, dy);
    const products = spectrumProducts(x, dy, map);
    return [y, dx, products].map((tensor) => tensor.dataSync());
  };
  const [expected, found] = [await results('cpu'), await results('wasm')];
  for (const [i, values] of found.entries()) {
    expect(values.length).toBe(expected[i]!.length);
    expect(relativeL2Error(values, expected[i]!)).toBeLessThan(1e-5);
  }
});
