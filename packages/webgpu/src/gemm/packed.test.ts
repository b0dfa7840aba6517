// Operands packed in float16: the same bits as of those that are converted on the way, and nothing that is out of date.
import '../index.ts';
import { openTestBackend, randomValues } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import { type ConvCase, convolution } from '@stridelab/test-kit/kernels/convolutions';
import { type ProductCase, product } from '@stridelab/test-kit/kernels/matrix-products';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Backend, internalsOf } from '../gpu/backend.ts';
import { inPlace } from '../gpu/dispatch.ts';
import { valueAndGradients } from '../testing/parity.ts';
import { openTiers, SMALL, withChoice } from '../testing/tiers.ts';
import { forgetPacked, Packs, packsOf } from './packed.ts';

const hasMatrixUnits = (await openTiers())('matrix');
const [units, twice] = hasMatrixUnits
  ? [SMALL.matrix, SMALL['matrix twice']]
  : [SMALL.emulated, SMALL['emulated twice']];

let backend: Backend;
beforeAll(async () => {
  await openTestBackend('webgpu');
  backend = internalsOf(tf.backend());
});
beforeEach(() => forgetPacked(backend));

type Work = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** Bits of all results, and of which inputs there was a packed form at the end. */
async function bitsOf(inputs: tf.Tensor[], work: Work, packFrom: number, choice: object = units) {
  const results = await withChoice({ ...choice, packFrom }, async () => tf.tidy(() => [work(...inputs)].flat()));
  const packed = inputs.map((input) => packsOf(backend).has(input));
  const bits = [];
  for (const result of results) {
    // A NaN has a sign, which nobody promises.
    const values = (await result.data<'float32'>()).map((value) => (Number.isNaN(value) ? Number.NaN : value));
    bits.push([...new Uint32Array(values.buffer)]);
  }
  tf.dispose(results);
  return { bits, packed };
}

/** Deviates, some of them zeros, times 2^`exponent`. */
function scaled(shape: number[], seed: number, exponent: number): tf.Tensor {
  const values = randomValues(tf.util.sizeFromShape(shape), seed);
  return tf.tensor(
    values.map((value, i) => (i % 5 ? value * 2 ** exponent : 0)),
    shape,
  );
}

async function expectSameBits(inputs: tf.Tensor[], work: Work, packed: boolean[], choice?: object): Promise<void> {
  const plain = await bitsOf(inputs, work, Number.POSITIVE_INFINITY, choice);
  expect(plain.packed).toEqual(inputs.map(() => false));
  const other = await bitsOf(inputs, work, 0, choice);
  expect(other.packed).toEqual(packed);
  expect(other.bits).toEqual(plain.bits);
  expect(await takeGpuErrors()).toEqual([]);
  tf.dispose(inputs);
}

const CONVOLUTIONS: Record<string, ConvCase & { packed: [x: boolean, filter: boolean] }> = {
  '3x3': { x: [1, 7, 6, 40], filter: [3, 3, 40, 72], packed: [true, true] },
  '3x3, stride 2': { x: [2, 9, 8, 8], filter: [3, 3, 8, 16], strides: 2, packed: [true, true] },
  '3x3 of 3 channels': { x: [2, 6, 5, 3], filter: [3, 3, 3, 8], packed: [false, true] },
  '3x3 to 12 channels': { x: [2, 6, 5, 8], filter: [3, 3, 8, 12], packed: [true, false] },
  '1x1': { x: [2, 5, 6, 16], filter: [1, 1, 16, 24], packed: [true, true] },
  '1x1, stride 2': { x: [2, 6, 5, 8], filter: [1, 1, 8, 16], strides: 2, packed: [true, true] },
  '7x7, stride 2': { x: [1, 9, 10, 8], filter: [7, 7, 8, 8], strides: 2, packed: [true, true] },
};

const SCALES = [
  [-40, -40],
  [40, 40],
  [-40, 40],
  [13, -7],
] as const;

describe('forward, d input and d filter have the same bits', () => {
  it.each(Object.keys(CONVOLUTIONS))('%s', async (name) => {
    const { packed, ...shapes } = CONVOLUTIONS[name]!;
    const inputs = [scaled(shapes.x, 1, 0), scaled(shapes.filter, 2, 0)];
    await expectSameBits(inputs, valueAndGradients(convolution(shapes)), packed);
  });

  it.each(SCALES)('times 2^%i and 2^%i', async (i, j) => {
    const shapes = CONVOLUTIONS['3x3, stride 2']!;
    const inputs = [scaled(shapes.x, 1, i), scaled(shapes.filter, 2, j)];
    await expectSameBits(inputs, valueAndGradients(convolution(shapes)), [true, true]);
  });

  it.each([
    ['with two buffers', twice],
    ['in parts', { ...units, parts: 3 }],
  ])('%s', async (_, choice) => {
    const shapes = CONVOLUTIONS['3x3, stride 2']!;
    const inputs = [scaled(shapes.x, 1, 0), scaled(shapes.filter, 2, 0)];
    await expectSameBits(inputs, valueAndGradients(convolution(shapes)), [true, true], choice);
  });

  it('of zeros, infinity and NaN', async () => {
    const shapes = CONVOLUTIONS['3x3']!;
    const zeros = [tf.zeros(shapes.x), scaled(shapes.filter, 2, 0)];
    await expectSameBits(zeros, valueAndGradients(convolution(shapes)), [true, true]);
    const values = randomValues(tf.util.sizeFromShape(shapes.x), 1);
    values[100] = Number.POSITIVE_INFINITY;
    values[300] = Number.NaN;
    const special = [tf.tensor(values, shapes.x), scaled(shapes.filter, 2, 0)];
    await expectSameBits(special, valueAndGradients(convolution(shapes)), [true, true]);
  });
});

const PRODUCTS: Record<string, ProductCase & { packed: [a: boolean, b: boolean] }> = {
  'a tile and more': { a: [70, 40], b: [40, 72], packed: [true, true] },
  'A transposed': { a: [40, 72], b: [40, 16], transposeA: true, packed: [true, true] },
  'B transposed': { a: [9, 24], b: [36, 24], transposeB: true, packed: [true, true] },
  'both transposed': { a: [24, 8], b: [16, 24], transposeA: true, transposeB: true, packed: [true, true] },
  batches: { a: [3, 5, 8], b: [3, 8, 16], packed: [true, true] },
  'batches, one of them of fours': { a: [3, 5, 12], b: [3, 12, 16], packed: [false, true] },
  'one A for all': { a: [1, 6, 8], b: [5, 8, 24], shared: true, packed: [true, true] },
  odd: { a: [5, 37], b: [37, 67], packed: [false, false] },
};

describe('matrix products and their gradients have the same bits', () => {
  it.each(Object.keys(PRODUCTS))('%s', async (name) => {
    const { packed, ...options } = PRODUCTS[name]!;
    const inputs = [scaled(options.a, 1, 0), scaled(options.b, 2, 0)];
    const work = options.shared ? product(options) : valueAndGradients(product(options));
    await expectSameBits(inputs, work as Work, packed);
  });

  it.each(SCALES)('times 2^%i and 2^%i', async (i, j) => {
    const { a, b } = PRODUCTS.batches!;
    await expectSameBits([scaled(a, 1, i), scaled(b, 2, j)], valueAndGradients(product({ a, b })), [true, true]);
  });
});

it('pieces of a batch, as a chain of products takes them, have the same bits', async () => {
  // Four times as many numbers in between as before and after: more than is held at once.
  const inputs = [scaled([8, 4, 8], 1, 0), scaled([16, 4], 2, 0), scaled([4, 16], 3, 0)];
  const chain = (x: tf.Tensor, matrix0: tf.Tensor, matrix1: tf.Tensor) => {
    const attrs = { inner: [1, 1], channels: 8, shape: [8, 4, 8] };
    return tf.engine().runKernel('StridelabProductChain', { x, matrix0, matrix1 }, attrs) as tf.Tensor;
  };
  await expectSameBits(inputs, chain as Work, [true, false, true]);
});

describe('what is packed', () => {
  const shape = [2, 6, 5, 8];
  const filterShape = [3, 3, 8, 16];
  const conv = convolution({ x: shape, filter: filterShape });

  /** Of what `work` dispatches. */
  function labels(work: () => unknown): string[] {
    const setPipeline = vi.spyOn(GPUComputePassEncoder.prototype, 'setPipeline');
    work();
    const found = setPipeline.mock.calls.map(([{ label }]) => label);
    setPipeline.mockRestore();
    return found;
  }

  it('is shared by the products that read it', async () => {
    const [x, filter] = [scaled(shape, 1, 0), scaled(filterShape, 2, 0)];
    await withChoice({ ...units, packFrom: 0 }, async () => {
      const y = tf.tidy(() => conv(x, filter));
      const gradients = tf.grads((u: tf.Tensor, v: tf.Tensor) => conv(u, v));
      // Forward, d input and d filter read two of three tensors each; two of them are there already.
      const names = labels(() => tf.tidy(() => void gradients([x, filter], y)));
      expect(names.map((name) => /^[A-Za-z]+2?[A-Za-z]*/.exec(name)![0]).sort()).toEqual([
        ...['Conv2D', 'Conv2DBackpropFilter', 'Conv2DBackpropInput'],
        ...['StridelabLargest', 'StridelabPack'],
      ]);
      y.dispose();
    });
    tf.dispose([x, filter]);
  });

  it('is made anew where the tensor was written, in the same place', async () => {
    const [x, filter] = [scaled(shape, 1, 0), scaled(filterShape, 2, 0)];
    const change = () => {
      inPlace(backend, x);
      backend.disposeData(x.dataId); // the owner that inPlace added
      const values = randomValues(x.size, 5).map((value) => value * 2 ** 20);
      backend.queue.writeBuffer(backend.tensorMap.get(x.dataId).resource!, 0, values as Float32Array<ArrayBuffer>);
    };
    const before = await bitsOf([x, filter], conv, 0);
    const { bytes } = packsOf(backend);
    change();
    const after = await bitsOf([x, filter], conv, 0);
    expect(after.bits).not.toEqual(before.bits);
    expect(after.bits).toEqual((await bitsOf([x, filter], conv, Number.POSITIVE_INFINITY)).bits);
    expect(packsOf(backend).bytes).toBe(bytes);
    tf.dispose([x, filter]);
  });

  it('goes with the tensor', async () => {
    const [x, filter] = [scaled(shape, 1, 0), scaled(filterShape, 2, 0)];
    /** By the device, once it has nothing left to do. */
    const held = () => {
      backend.endComputePassEncoder();
      backend.ensureCommandEncoderReady();
      backend.submitQueue();
      return (tf.memory() as unknown as { numBytesInGPU: number }).numBytesInGPU;
    };
    await bitsOf([x, filter], conv, 0);
    const before = held();
    expect(packsOf(backend).bytes).toBe(2 * (x.size + filter.size));
    const sameData = x.clone();
    x.dispose();
    expect(packsOf(backend).has(sameData)).toBe(true);
    sameData.dispose();
    expect(packsOf(backend).bytes).toBe(2 * filter.size);
    filter.dispose();
    expect(packsOf(backend).bytes).toBe(0);
    expect(before - held()).toBe((4 + 2) * (x.size + filter.size));
  });

  it('is bounded: what was used longest ago goes first, and never what a product is about to read', () => {
    const packs = new Packs(backend, 64);
    const [first, second, third] = Array.from({ length: 3 }, () => tf.ones([16]));
    const all = [first!, second!, third!];
    const kept = () => all.map((x) => packs.has(x));
    const use = (x: tf.Tensor, make: boolean) => packs.of(units.tier, x, make);
    use(first!, true);
    use(second!, true);
    expect(use(first!, false)).toBeDefined();
    expect(use(third!, false)).toBeUndefined();
    use(third!, true);
    expect(kept()).toEqual([true, false, true]);
    expect(packs.bytes).toBe(64);
    const large = tf.ones([64]);
    use(large, true);
    expect(packs.has(large)).toBe(true);
    expect(kept()).toEqual([false, false, true]);
    packs.clear();
    expect(packs.bytes).toBe(0);
    tf.dispose([...all, large]);
  });

  it('is what is read more often than a rule says, or there anyway', async () => {
    const [x, filter] = [scaled(shape, 1, 0), scaled(filterShape, 2, 0)];
    // A dispatch counts as two million elements.
    expect((await bitsOf([x, filter], conv, 1)).packed).toEqual([false, false]);
    // Of patches of x 60 x 72 are staged, and of the filter twice as many as there are.
    expect((await bitsOf([x, filter], conv, 3000 / 2e6)).packed).toEqual([true, false]);
    expect((await bitsOf([x, filter], conv, 2000 / 2e6)).packed).toEqual([true, true]);
    await withChoice({ ...units, packFrom: 1 }, async () => {
      const [label] = labels(() => tf.dispose(conv(x, filter)));
      expect(label).toMatch(/^Conv2D .*; 8 8; wide$/);
    });
    tf.dispose([x, filter]);
  });
});
