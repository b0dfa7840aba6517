import '../../index.ts';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { force, TILES } from '../../gemm/choose.ts';
import { expectParity, random, valueAndGradients } from '../../testing/parity.ts';
import { PRODUCTS, product } from '../../testing/product-cases.ts';

afterEach(() => force({}));

describe('values and gradients as cpu has them', () => {
  it.each(Object.entries(PRODUCTS))('%s', async (_, options) => {
    const inputs = [random(options.a), random(options.b, 2)];
    await expectParity(inputs, valueAndGradients(product(options)), 1e-5);
  });
});
