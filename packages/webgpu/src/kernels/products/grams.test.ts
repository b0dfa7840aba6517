import '../../index.ts';
import { expectNoLeak, openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random } from '../../testing/parity.ts';
import { gramParts, type Sizes } from './grams.ts';

const NAME = 'StridelabChainProducts';

/** A chain of one or two steps for either; x is (batch, height, width, channels). */
interface Case {
  a: [rows: number, n: number][];
  b: [rows: number, n: number][];
  inner: number[];
  image: [height: number, width: number];
}

const apply = (x: tf.Tensor, matrices: tf.Tensor[], inner: number[], channels: number) =>
  matrices.reduce((seen, matrix, i) => {
    const stack = tf.reshape(seen, [-1, matrix.shape[1]!, inner[i]! * channels]);
    const left = tf.tile(tf.expandDims(matrix), [stack.shape[0]!, 1, 1]);
    return tf.matMul(left, stack);
  }, x);

const named = (letter: string, matrices: tf.Tensor[]) =>
  Object.fromEntries(matrices.map((matrix, i) => [`${letter}Matrix${i}`, matrix]));

function work({ a, inner, image }: Case, channels: number) {
  return (x: tf.Tensor, y: tf.Tensor, ...matrices: tf.Tensor[]) => {
    const [own, theirs] = [matrices.slice(0, a.length), matrices.slice(a.length)];
    if (tf.getBackend() === 'webgpu') {
      const inputs = { a: x, b: y, ...named('a', own), ...named('b', theirs) };
      return tf.engine().runKernel(NAME, inputs, { aInner: inner, bInner: inner, channels }) as tf.Tensor;
    }
    const batch = x.size / image[0] / image[1] / channels;
    const [left, right] = [apply(x, own, inner, channels), apply(y, theirs, inner, channels)];
    return tf.sum(tf.reshape(tf.mul(left, right), [batch, -1, channels]), [0, 2]);
  };
}

const around: Case = { a: [[8, 10], [8, 12]], b: [[8, 10], [8, 12]], inner: [1, 4], image: [6, 10] }; // biome-ignore format: a matrix each
const across: Case = { a: [[4, 6], [7, 10]], b: [[4, 6], [7, 10]], inner: [10, 1], image: [6, 10] }; // biome-ignore format: a matrix each
const growing: Case = { a: [[150, 60]], b: [[150, 60]], inner: [1], image: [1, 60] };

describe.each([
  ['height last', around],
  ['width last, of many rows', across],
  ['of one step that makes so much that it goes in pieces', growing],
])('%s', (_, chains) => {
  it.each([
    [1, 240],
    [12, 36],
    [7, 33],
    [40, 17],
  ])('%d images with %d channels', async (batch, channels) => {
    const factors = [...chains.a, ...chains.b].map((shape, i) => random(shape, i + 3));
    const images = [1, 2].map((seed) => random([batch, ...chains.image, channels], seed));
    await expectParity([...images, ...factors], work(chains, channels));
  });
});

it('takes as many parts as fill a chip, of equally many examples, and none where G is as large as a spectrum', async () => {
  const sizes: Sizes = { examples: 128, channels: 256, outer: 1, rows: 36, n: 36, inner: 10 };
  expect(gramParts(sizes)).toBe(64);
  expect(gramParts({ ...sizes, examples: 6 })).toBe(3);
  expect(gramParts({ ...sizes, examples: 7 })).toBe(1);
  expect(gramParts({ ...sizes, examples: 1 })).toBe(1);
  expect(gramParts({ ...sizes, examples: 1, channels: 64 })).toBe(0);
  expect(gramParts({ ...sizes, channels: 3 })).toBe(0);
  await openTestBackend('webgpu');
  const x = tf.ones([2, 6, 10, 20]);
  const matrices = around.a.map((shape) => tf.ones(shape));
  const inputs = { a: x, b: x, ...named('a', matrices), ...named('b', matrices) };
  expectNoLeak(
    () => tf.engine().runKernel(NAME, inputs, { aInner: [1, 4], bInner: [1, 4], channels: 20 }) as tf.Tensor,
    1,
  );
});
