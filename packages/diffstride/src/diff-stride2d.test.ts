import {
  checkAdjoint,
  checkGradient,
  compilesEachShape,
  expectNamedError,
  expectNoLeak,
  forEachBackend,
  goldenCases,
  goldenTensor,
  randomTensor as random,
} from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffStride1d, diffStride2d } from './diff-stride2d.ts';
import { downsampledSize } from './downsampled-size.ts';
import { DiffStrideError } from './errors.ts';
import type { MaskKind } from './rules.ts';

/** A tensor whose values are gone. */
function disposed<T extends tf.Tensor>(tensor: T): T {
  tensor.dispose();
  return tensor;
}
const image = () => tf.zeros([1, 8, 9, 1]) as tf.Tensor4D;

const OPTIONS_1D = 'options must be some of {smoothness, cropping, lowerLimit, upperLimit, dataFormat}';
const OPTIONS = 'options must be some of {smoothness, cropping, shared, lowerLimit, upperLimit, mask, dataFormat}';

forEachBackend((backend) => {
  describe.each(goldenCases('diffstride').map((golden, i) => ({ golden, i })))('golden case $i', ({ golden }) => {
    const { smoothness, cropping, shared, lowerLimit, upperLimit } = golden;
    const options = { smoothness, cropping, shared, lowerLimit, upperLimit };
    const strides = () => tf.tensor1d(golden.strides);

    it('gives the published values', async () => {
      const y = diffStride2d(goldenTensor(golden.x), golden.strides, options);
      await expect(y).toBeAllClose(goldenTensor(golden.y), { relative: 2e-5 });
      const sides = golden.x.shape.slice(1, 3) as [number, number];
      expect(downsampledSize(sides, golden.strides, options)).toEqual(golden.y.shape.slice(1, 3));
      const alike = diffStride2d(goldenTensor(golden.x), strides(), options);
      await expect(alike).toBeAllClose(goldenTensor(golden.y), { relative: 2e-5 });
    });

    it('gives the published gradients', async () => {
      const gradients = tf.grads((x: tf.Tensor, s: tf.Tensor) => diffStride2d(x as tf.Tensor4D, s, options));
      const [dx, dStrides] = gradients([goldenTensor(golden.x), strides()], goldenTensor(golden.dy));
      await expect(dx!).toBeAllClose(goldenTensor(golden.dx), { relative: 2e-5 });
      const slopes = await dStrides!.data();
      expect(slopes).toHaveLength(golden.dstrides.values.length);
      for (const [i, slope] of golden.dstrides.values.entries()) {
        expect(Math.abs(slopes[i]! - slope)).toBeLessThanOrEqual(1e-4 * Math.abs(slope));
      }
      const alone = tf.grad((x: tf.Tensor) => diffStride2d(x as tf.Tensor4D, golden.strides, options));
      await expect(alone(goldenTensor(golden.x), goldenTensor(golden.dy))).toBeAllClose(dx!, { relative: 1e-6 });
    });
  });

  it.each(['published', 'symmetric'] as const)('has the gradients that finite differences see, %s', async (mask) => {
    for (const shape of [
      [2, 15, 13, 2],
      [1, 22, 18, 3],
    ]) {
      const f = (x: tf.Tensor, s: tf.Tensor) => diffStride2d(x as tf.Tensor4D, s, { mask, smoothness: 3.3 });
      await checkGradient(f as (...inputs: tf.Tensor[]) => tf.Tensor, [random(shape), tf.tensor1d([1.77, 2.13])]);
      await checkAdjoint((x) => diffStride2d(x as tf.Tensor4D, [1.77, 2.13], { mask }), random(shape));
    }
  });

  it("is real and centred when 'symmetric': turning the image upside down turns its map", async () => {
    const flip = (x: tf.Tensor) => tf.concat([tf.slice(x, [0, 0], [1]), tf.reverse(tf.slice(x, [1, 0]), 0)]);
    const upside = (x: tf.Tensor) => tf.reshape(flip(tf.reshape(x, [x.shape[1]!, -1])), x.shape);
    const x = random([1, 18, 16, 2]) as tf.Tensor4D;
    const pool = (v: tf.Tensor) => diffStride2d(v as tf.Tensor4D, [2.2, 1.9], { mask: 'symmetric' });
    await expect(pool(upside(x))).toBeAllClose(upside(pool(x)), { relative: 1e-5 });
  });

  it("differs from 'published' by the rows' mask alone", async () => {
    // Without any row to remove, and none on its edge, the two have one mask.
    const x = random([1, 17, 16, 2]) as tf.Tensor4D;
    const flat = tf.mul(tf.ones([1, 17, 1, 2]), tf.slice(x, [0, 0, 0, 0], [1, 1, 16, 2])) as tf.Tensor4D;
    const [published, symmetric] = (['published', 'symmetric'] as const).map((mask) =>
      diffStride2d(flat, [1.2, 2.4], { mask, smoothness: 1 }),
    );
    await expect(symmetric!).toBeAllClose(published!, { relative: 1e-5 });
  });

  it('differentiates a shared stride, and a stride of a signal', async () => {
    const x = random([1, 16, 20, 2]);
    const shared = (v: tf.Tensor, s: tf.Tensor) => diffStride2d(v as tf.Tensor4D, s, { shared: true });
    await checkGradient(shared as (...inputs: tf.Tensor[]) => tf.Tensor, [x, tf.scalar(2.2)]);
    const line = (v: tf.Tensor, s: tf.Tensor) => diffStride1d(v as tf.Tensor3D, s);
    await checkGradient(line as (...inputs: tf.Tensor[]) => tf.Tensor, [random([2, 31, 2]), tf.tensor1d([2.3])]);
  });

  it('does the same for channels first', async () => {
    const x = random([2, 12, 14, 3]) as tf.Tensor4D;
    const first = diffStride2d(tf.transpose(x, [0, 3, 1, 2]), 2, { dataFormat: 'channelsFirst' });
    await expect(tf.transpose(first, [0, 2, 3, 1])).toBeAllClose(diffStride2d(x, 2));
  });

  it('keeps its promises for any shape and strides', async () => {
    const side = fc.integer({ min: 5, max: compilesEachShape(backend) ? 9 : 24 });
    const stride = fc.double({ min: 1, max: 6, noNaN: true });
    const options = fc.record({
      smoothness: fc.double({ min: 0.5, max: 4.5, noNaN: true }),
      cropping: fc.boolean(),
      mask: fc.constantFrom<MaskKind>('published', 'symmetric'),
    });
    await fc.assert(
      fc.asyncProperty(side, side, stride, stride, options, async (height, width, strideH, strideW, chosen) => {
        const strides = [strideH, strideW] as [number, number];
        const [x, z] = [random([1, height, width, 2], 1), random([1, height, width, 2], 2)] as tf.Tensor4D[];
        const pool = (v: tf.Tensor) => diffStride2d(v as tf.Tensor4D, strides, chosen);
        const y = pool(x!);
        expect(y.shape).toEqual([1, ...downsampledSize([height, width], strides, chosen), 2]);
        await expect(pool(tf.add(tf.mul(x!, 3), z!))).toBeAllClose(tf.add(tf.mul(y, 3), pool(z!)), { relative: 1e-5 });
        // Learnable strides take another way to the same values and gradient.
        const learnable = (v: tf.Tensor) => diffStride2d(v as tf.Tensor4D, tf.tensor1d(strides), chosen);
        if (y.shape.join() === learnable(x!).shape.join()) {
          await expect(learnable(x!)).toBeAllClose(y, { relative: 1e-5 });
          await expect(tf.grad(learnable)(x!, y)).toBeAllClose(tf.grad(pool)(x!, y), { relative: 1e-5 });
        }
        await checkAdjoint(pool, x!);
        await checkAdjoint(learnable, x!);
      }),
      { numRuns: compilesEachShape(backend) ? 5 : 40 },
    );
  });

  it('makes nothing of nothing, and has no gradient there', async () => {
    for (const shape of [
      [0, 12, 9, 3],
      [2, 12, 9, 0],
    ]) {
      const pool = (v: tf.Tensor, s: tf.Tensor) => diffStride2d(v as tf.Tensor4D, s);
      const [x, strides] = [tf.zeros(shape), tf.tensor1d([2, 3])];
      const [b, h, w, c] = [shape[0]!, ...downsampledSize([12, 9], [2, 3]), shape[3]!];
      expect(pool(x, strides).shape).toEqual([b, h, w, c]);
      expect(diffStride2d(x as tf.Tensor4D, [2, 3]).shape).toEqual([b, h, w, c]);
      const [dx, dStrides] = tf.grads(pool)([x, strides]);
      expect(dx!.shape).toEqual(shape);
      expect(Array.from(await dStrides!.data(), Math.abs)).toEqual([0, 0]);
    }
  });

  it('knows strides that were computed, and the gradient of what they came from', async () => {
    const x = random([1, 12, 12, 2]) as tf.Tensor4D;
    const pool = (v: tf.Tensor) => diffStride2d(x, tf.add(1.5, tf.exp(v)));
    await checkGradient((v) => pool(v!), [tf.tensor1d([0.1, -0.2])]);
  });

  it('leaves no tensor behind', () => {
    const x = random([2, 12, 12, 2]) as tf.Tensor4D;
    const strides = tf.tensor1d([2, 1.8]);
    expectNoLeak(() => diffStride2d(x, 2));
    const first = random([2, 2, 12, 12]) as tf.Tensor4D;
    expectNoLeak(() => diffStride2d(first, strides, { dataFormat: 'channelsFirst' }));
    expectNoLeak(() => diffStride2d(x, strides));
    expectNoLeak(() => tf.grads((v: tf.Tensor, s: tf.Tensor) => diffStride2d(v as tf.Tensor4D, s))([x, strides]));
  });
});

it.each<[() => unknown, string]>([
  [() => diffStride2d(image(), 0.5), 'strides must be a number >= 1 or a pair of them, got 0.5'],
  [() => diffStride2d(image(), [2, Number.NaN]), 'strides must be a number >= 1 or a pair of them, got [2, NaN]'],
  [() => diffStride2d(image(), [2] as never), 'strides must be a number >= 1 or a pair of them, got [2]'],
  [() => diffStride2d(image(), [2, 3], { shared: true }), 'strides must be one number >= 1, got [2, 3]'],
  [() => diffStride2d(image(), tf.scalar(2)), "strides must be a pair of numbers in a float32 tensor, got 'float32[]'"],
  [() => diffStride2d(image(), tf.tensor1d([2, Number.NaN])), 'strides must be finite, got [2, NaN]'],
  [() => diffStride2d(image(), 2, { smoothness: -1 }), 'smoothness must be a number > 0, got -1'],
  [
    () => diffStride2d(image(), 2, { smoothness: 8 }),
    'smoothness must be below every side of the image, which is [8, 9], got 8',
  ],
  [
    () => diffStride2d(image(), 2, { lowerLimit: 3, upperLimit: 2 }),
    'lowerLimit must not exceed upperLimit, got [3, 2]',
  ],
  [() => diffStride2d(image(), 2, { upperLimit: Number.NaN }), 'upperLimit must be a number >= 1, got NaN'],
  [() => diffStride2d(image(), 2, { mask: 'soft' as never }), "mask must be 'published' or 'symmetric', got 'soft'"],
  [() => diffStride2d(image(), 2, null as never), `${OPTIONS}, got null`],
  [() => diffStride2d(image(), 2, 4 as never), `${OPTIONS}, got 4`],
  [() => diffStride2d(image(), 2, ['symmetric'] as never), `${OPTIONS}, got ['symmetric']`],
  [() => diffStride2d(image(), 2, { smoothnessFactor: 1 } as never), `${OPTIONS}, got {smoothnessFactor: 1}`],
  [() => diffStride2d(null as never, 2), 'x must be a tensor, got null'],
  [() => diffStride2d([[1]] as never, 2), 'x must be a tensor, got [[1]]'],
  [() => diffStride2d(disposed(image()), 2), 'x must not be disposed, got [1, 8, 9, 1]'],
  [() => diffStride2d(image(), disposed(tf.tensor1d([2, 2]))), 'strides must not be disposed, got [2]'],
  [() => diffStride2d(image(), '2' as never), "strides must be a number >= 1 or a pair of them, got '2'"],
  [() => diffStride2d(image(), null as never), 'strides must be a number >= 1 or a pair of them, got null'],
  [() => diffStride2d(image(), 2, { cropping: 1 as never }), 'cropping must be true or false, got 1'],
  [
    () => diffStride2d(tf.zeros([8, 9, 1]) as never, 2),
    'x must have rank 4, (batch, height, width, channels), got [8, 9, 1]',
  ],
  [() => diffStride2d(tf.zeros([1, 8, 9, 1], 'int32'), 2), "x must be of dtype float32, got 'int32'"],
  [
    () => diffStride2d(tf.zeros([1, 8, 1, 1]), 2, { smoothness: 0.5 }),
    'the pooled map must be 2 or more on every side, got [6, 0]',
  ],
])('names what is wrong: %s', async (action, message) => {
  await expectNamedError(action, DiffStrideError, `diffstride.diffStride2d: ${message}`);
});

it('says what size comes out without computing it', async () => {
  expect(downsampledSize([32, 32], 2)).toEqual([24, 24]);
  expect(downsampledSize([32, 32], 2, { cropping: false })).toEqual([32, 32]);
  expect(downsampledSize([100], 2)).toEqual([58]);
  expect(downsampledSize([224, 224], [4, 2.5])).toEqual([64, 98]);
  await expectNamedError(
    () => downsampledSize([32, 32], [2, 0]),
    DiffStrideError,
    'diffstride.downsampledSize: strides must be a number >= 1 or a pair of them, got [2, 0]',
  );
});

it.each<[() => unknown, string]>([
  [() => diffStride1d(tf.zeros([1, 8, 1]), 2, null as never), `diffStride1d: ${OPTIONS_1D}, got null`],
  [() => diffStride1d(tf.zeros([1, 8, 1]), 2, true as never), `diffStride1d: ${OPTIONS_1D}, got true`],
  [
    () => diffStride1d(tf.zeros([1, 8, 1]), 2, { mask: 'symmetric' } as never),
    `diffStride1d: ${OPTIONS_1D}, got {mask: 'symmetric'}`,
  ],
  [() => downsampledSize([8, 8], 2, null as never), `downsampledSize: ${OPTIONS}, got null`],
  [
    () => downsampledSize([8, 8], 2, { smoothnessFactor: 1 } as never),
    `downsampledSize: ${OPTIONS}, got {smoothnessFactor: 1}`,
  ],
  [() => downsampledSize(null as never, 2), 'downsampledSize: size must be a list of one or two sides, got null'],
  [
    () => downsampledSize([8, 8, 8] as never, 2),
    'downsampledSize: size must be a list of one or two sides, got [8, 8, 8]',
  ],
])('names what is no options: %s', async (action, message) => {
  await expectNamedError(action, DiffStrideError, `diffstride.${message}`);
});
