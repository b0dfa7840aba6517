// Tests of the kernels that @stridelab/spectral-pooling names, for the packages that have them.
import * as tf from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import type { BackendName } from '../backends.ts';
import { type ExpectParity, parityOn, random } from '../parity.ts';

interface Chain {
  /** (rows, n) of each matrix */
  matrices: [number, number][];
  inner: number[];
}

/** The definition, by products that TF.js has everywhere; (batch, places, channels). */
function composed(x: tf.Tensor, matrices: tf.Tensor[], inner: number[]): tf.Tensor {
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const last = matrices.reduce((seen, matrix, i) => {
    const [rows, n] = matrix.shape as [number, number];
    const columns = inner[i]! * channels;
    const stack = tf.reshape(seen, [-1, n, columns]);
    const left = tf.tile(tf.reshape(matrix, [1, rows, n]), [stack.shape[0]!, 1, 1]);
    return tf.matMul(left, stack);
  }, x);
  return tf.reshape(last, [batch, -1, channels]);
}

const named = (name: string, tensors: tf.Tensor[]) =>
  Object.fromEntries(tensors.map((tensor, i) => [`${name}${i}`, tensor]));
const run = (name: string, inputs: tf.NamedTensorMap, attrs: object) =>
  tf.engine().runKernel(name, inputs, attrs as never) as tf.Tensor;

// Images of 6 x 10 to 4 x 7, width first and height first, around complex numbers, through more numbers than there are before or
// after, and by one product alone.
const CHAINS: [string, Chain][] = [
  ['width, height', { matrices: [[7, 10], [4, 6]], inner: [1, 7] }], // biome-ignore format: a matrix each
  ['height, width', { matrices: [[4, 6], [7, 10]], inner: [10, 1] }], // biome-ignore format: a matrix each
  ['around', { matrices: [[8, 10], [8, 12], [7, 8]], inner: [1, 4, 1] }], // biome-ignore format: a matrix each
  ['bulging', { matrices: [[30, 10], [2, 6]], inner: [1, 30] }], // biome-ignore format: a matrix each
  ['one', { matrices: [[30, 60]], inner: [1] }],
];

/** Both kernels of `backend`, which are registered, against their definition on cpu, within `relative` of the largest number. */
export function testProductChains(backend: BackendName, relative?: number): void {
  const expectParity: ExpectParity = (inputs, work) => parityOn(backend)(inputs, work, relative);
  const isOurs = () => tf.getBackend() === backend;
  describe.each(CHAINS)('a chain of products: %s', (_, { matrices, inner }) => {
    const factors = matrices.map((shape, i) => random(shape, i + 2));

    // Few values make for small portions of the channels: of 20, or of 9 and some.
    it.each([
      [3, 8],
      [2, 1],
      [700, 1],
      [1, 20],
      [1, 9],
      [40, 21],
      [1, 500],
    ])('%d images with %d channels', async (batch, channels) => {
      await expectParity([random([batch, 6, 10, channels]), ...factors], (x, ...ms) => {
        const expected = composed(x!, ms, inner);
        const attrs = { inner, channels, shape: [batch, expected.size / batch / channels, channels] };
        return isOurs() ? run('StridelabProductChain', { x: x!, ...named('matrix', ms) }, attrs) : expected;
      });
    });

    it.each([
      [3, 8],
      [700, 1],
      [1, 20],
      [40, 21],
    ])('%d images with %d channels, times another chain of the same places', async (batch, channels) => {
      const other: Chain = { matrices: matrices.map(([rows, n]) => [rows, n]), inner };
      const others = other.matrices.map((shape, i) => random(shape, i + 9));
      const [a, b] = [random([batch, 6, 10, channels]), random([batch, 6, 10, channels], 5)];
      await expectParity([a, b, ...factors, ...others], (x, y, ...ms) => {
        const [own, theirs] = [ms.slice(0, inner.length), ms.slice(inner.length)];
        if (!isOurs()) return tf.sum(tf.mul(composed(x!, own, inner), composed(y!, theirs, inner)), [0, 2]);
        const inputs = { a: x!, b: y!, ...named('aMatrix', own), ...named('bMatrix', theirs) };
        return run('StridelabChainProducts', inputs, { aInner: inner, bInner: inner, channels });
      });
    });
  });
}
