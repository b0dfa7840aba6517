import '../../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { force, TILES } from '../../gemm/choose.ts';
import { expectParity, random, valueAndGradients } from '../../testing/parity.ts';
import { CONVOLUTIONS, convolution } from '../../testing/product-cases.ts';

afterEach(() => force({}));

describe('forward and gradients as cpu has them', () => {
  it.each(Object.entries(CONVOLUTIONS))('%s', async (_, options) => {
    const inputs = [random(options.x), random(options.filter, 2)];
    await expectParity(inputs, valueAndGradients(convolution(options)), 1e-5);
  });
});
