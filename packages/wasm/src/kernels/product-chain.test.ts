import '../index.ts';
import { testProductChains } from '@stridelab/test-kit/kernels/product-chains';
import * as tf from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import { MIRRORED } from '../testing/mirrored.ts';
import { expectParity, random } from '../testing/parity.ts';

testProductChains('wasm');

// The matrices above are random. Those of spectral layers fall apart into halves.
describe.each(MIRRORED)('in halves: $name', ({ rows, n, values }) => {
  it.each([
    ['along the width', 3, 1, 24],
    ['along the height', 3, 5, 16],
    ['channels that fill no vector', 30, 4, 3],
    ['one column more than vectors hold', 30, 3, 3],
    ['fewer than are looked at for halves', 2, 2, 9],
  ])('%s', async (_, batch, inner, channels) => {
    await expectParity([random([batch, 2, n, inner, channels]), { shape: [rows, n], values }], (x, m) => {
      const shape = [batch, 2, rows, inner, channels];
      if (tf.getBackend() === 'wasm') {
        const attrs = { inner: [inner], channels, shape };
        return tf.engine().runKernel('StridelabProductChain', { x: x!, matrix0: m! }, attrs) as tf.Tensor;
      }
      const stack = tf.reshape(x!, [-1, n, inner * channels]);
      const left = tf.tile(tf.reshape(m!, [1, rows, n]), [stack.shape[0]!, 1, 1]);
      return tf.reshape(tf.matMul(left, stack), shape);
    });
  });
});
