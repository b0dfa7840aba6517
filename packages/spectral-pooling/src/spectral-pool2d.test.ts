import {
  checkAdjoint,
  checkGradient,
  compilesEachShape,
  expectNamedError,
  expectNoLeak,
  forEachBackend,
  goldenCases,
  goldenTensor,
  naiveDft,
  randomTensor as random,
} from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpectralPoolingError } from './errors.ts';
import { pooledSize, spectralPool1d, spectralPool2d } from './spectral-pool2d.ts';

describe('pooledSize', () => {
  it.each([
    [
      [16, 16],
      [2, 2],
      [8, 8],
    ],
    [
      [15, 13],
      [2, 3],
      [6, 4],
    ],
    [
      [16, 12],
      [1.6, 2.4],
      [8, 5],
    ],
    [
      [10, 10],
      [9, 9],
      [2, 2],
    ],
    [
      [13, 15],
      [1, 1],
      [12, 15],
    ],
  ] as const)('of %j at strides %j is %j', (sides, strides, expected) => {
    expect(pooledSize([...sides], { strides: [...strides] }, 'test')).toEqual(expected);
  });
});

const OPTIONS = 'options must be some of {strides, size, norm, dataFormat}';

forEachBackend((backend) => {
  describe.each(goldenCases('spectral-pooling').map((golden, i) => ({ golden, i })))('golden case $i', ({ golden }) => {
    const pool = (x: tf.Tensor) => spectralPool2d(x as tf.Tensor4D, { strides: golden.strides });

    it('gives the published values', async () => {
      await expect(pool(goldenTensor(golden.x))).toBeAllClose(goldenTensor(golden.y), { relative: 2e-5 });
    });

    it('gives the published gradient', async () => {
      const dx = tf.grad(pool)(goldenTensor(golden.x), goldenTensor(golden.dy));
      await expect(dx).toBeAllClose(goldenTensor(golden.dx), { relative: 2e-5 });
    });
  });

  it('has the gradient that finite differences see, and its adjoint', async () => {
    const pool = (x: tf.Tensor) => spectralPool2d(x as tf.Tensor4D, { strides: [1.7, 2.2] });
    await checkGradient(pool, [random([2, 9, 12, 3])]);
    await checkAdjoint(pool, random([2, 9, 12, 3]));
  });

  it('treats a batch that is too large for one piece like its parts', async () => {
    const x = random([24, 32, 24, 32]) as tf.Tensor4D;
    const whole = spectralPool2d(x, { strides: 2 });
    const parts = [0, 7, 17].map((start, i) =>
      spectralPool2d(tf.slice(x, [start, 0, 0, 0], [[7, 10, 7][i]!, 32, 24, 32]), { strides: 2 }),
    );
    await expect(whole).toBeAllClose(tf.concat(parts), { relative: 1e-6 });
  });

  it('does the same for channels first', async () => {
    const x = random([2, 9, 12, 3]) as tf.Tensor4D;
    const first = spectralPool2d(tf.transpose(x, [0, 3, 1, 2]), { strides: [1.7, 2.2], dataFormat: 'channelsFirst' });
    await expect(tf.transpose(first, [0, 2, 3, 1])).toBeAllClose(spectralPool2d(x, { strides: [1.7, 2.2] }));
  });

  it.each([
    [12, 5],
    [12, 6],
    [13, 7],
    [13, 13],
    [8, 8],
  ])('pools a signal of %d to %d as irfft(crop(rfft)) does', async (n, size) => {
    const x = random([1, n, 1]) as tf.Tensor3D;
    const spectrum = naiveDft({ real: Float64Array.from(x.dataSync()), imag: new Float64Array(n) });
    const full = { real: new Float64Array(size), imag: new Float64Array(size) };
    for (let k = 0; 2 * k <= size; k++) {
      const own = k === 0 || 2 * k === size;
      full.real[k] = spectrum.real[k]!;
      full.imag[k] = own ? 0 : spectrum.imag[k]!;
      if (!own) [full.real[size - k], full.imag[size - k]] = [spectrum.real[k]!, -spectrum.imag[k]!];
    }
    const expected = naiveDft(full, true).real.map((v) => v / size);
    await expect(spectralPool1d(x, { size })).toBeAllClose(expected, { relative: 2e-6 });
    await checkAdjoint((s) => spectralPool1d(s as tf.Tensor3D, { size }), x);
  });

  it.each([
    [0, 3],
    [2, 0],
  ])('makes nothing of %d images with %d channels', (batch, channels) => {
    const x = tf.zeros([batch, 9, 12, channels]) as tf.Tensor4D;
    const pool = (v: tf.Tensor) => spectralPool2d(v as tf.Tensor4D, { strides: 2 });
    expect(pool(x).shape).toEqual([batch, 4, 6, channels]);
    expect(tf.grad(pool)(x).shape).toEqual(x.shape);
  });

  it('leaves no tensor behind', () => {
    const x = random([2, 9, 12, 3]) as tf.Tensor4D;
    expectNoLeak(() => spectralPool2d(x, { strides: 2 }));
    expectNoLeak(() => spectralPool2d(x, { strides: 2, dataFormat: 'channelsFirst' }));
    expectNoLeak(() => tf.grad((v) => spectralPool2d(v as tf.Tensor4D, { strides: 2 }))(x));
  });

  it('keeps its promises for any shape and strides', async () => {
    const side = fc.integer({ min: 2, max: compilesEachShape(backend) ? 9 : 20 });
    const stride = fc.double({ min: 1, max: 5, noNaN: true });
    await fc.assert(
      fc.asyncProperty(side, side, stride, stride, fc.integer(), async (height, width, strideH, strideW, seed) => {
        const options = { strides: [strideH, strideW] as [number, number] };
        const [x, z] = [random([1, height, width, 2], seed), random([1, height, width, 2], seed + 1)] as tf.Tensor4D[];
        const pooled = spectralPool2d(x!, options);
        const [h, w] = pooledSize([height, width], options, 'test') as [number, number];
        expect(pooled.shape).toEqual([1, h, w, 2]);
        const combination = spectralPool2d(tf.add(tf.mul(x!, 3), z!), options);
        const combined = tf.add(tf.mul(pooled, 3), spectralPool2d(z!, options));
        await expect(combination).toBeAllClose(combined, { relative: 1e-5 });
        // 'backward' scales by 1/(h w) alone, so a constant comes out as constant, (H W)/(h w) times as bright.
        const flat = spectralPool2d(tf.ones([1, height, width, 1]), options);
        await expect(flat).toBeAllClose(tf.fill([1, h, w, 1], (height * width) / (h * w)), { relative: 1e-5 });
        const kept = spectralPool2d(tf.ones([1, height, width, 1]), { ...options, norm: 'forward' });
        await expect(kept).toBeAllClose(tf.ones([1, h, w, 1]), { relative: 1e-5 });
        await checkAdjoint((v) => spectralPool2d(v as tf.Tensor4D, options), x!);
      }),
      { numRuns: compilesEachShape(backend) ? 5 : 30 },
    );
  });
});

it.each<[() => unknown, string]>([
  [
    () => spectralPool2d(tf.zeros([1, 8, 8, 1]), { strides: 0.5 }),
    'strides must be a number >= 1 or a pair of them, got 0.5',
  ],
  [
    () => spectralPool2d(tf.zeros([1, 8, 8, 1]), { strides: [2, Number.NaN] }),
    'strides must be a number >= 1 or a pair of them, got [2, NaN]',
  ],
  [
    () => spectralPool2d(tf.zeros([1, 8, 8, 1]), { strides: [1, 2, 3] as never }),
    'strides must be a number >= 1 or a pair of them, got [1, 2, 3]',
  ],
  [
    () => spectralPool2d(tf.zeros([1, 8, 8, 1]), { size: [9, 4] }),
    'size must not exceed the image, which is [8, 8], got [9, 4]',
  ],
  [() => spectralPool2d(tf.zeros([1, 8, 8, 1]), { size: 1 }), 'size must be an integer >= 2 or a pair of them, got 1'],
  [() => spectralPool2d(tf.zeros([1, 8, 8, 1]), undefined as never), `${OPTIONS}, got undefined`],
  [() => spectralPool2d(tf.zeros([1, 8, 8, 1]), null as never), `${OPTIONS}, got null`],
  [() => spectralPool2d(tf.zeros([1, 8, 8, 1]), 2 as never), `${OPTIONS}, got 2`],
  [
    () => spectralPool2d(tf.zeros([1, 8, 8, 1]), { strides: 2, padding: 'same' } as never),
    `${OPTIONS}, got {strides: 2, padding: 'same'}`,
  ],
  [() => spectralPool2d(undefined as never, { strides: 2 }), 'x must be a tensor, got undefined'],
  [
    () => {
      const x = tf.zeros([1, 8, 8, 1]) as tf.Tensor4D;
      x.dispose();
      spectralPool2d(x, { strides: 2 });
    },
    'x must not be disposed, got [1, 8, 8, 1]',
  ],
  [() => spectralPool2d(tf.zeros([1, 8, 8, 1]), {} as never), 'either strides or size must be given, got {}'],
  [
    () => spectralPool2d(tf.zeros([8, 8, 1]) as never, { strides: 2 }),
    'x must have rank 4, (batch, height, width, channels), got [8, 8, 1]',
  ],
  [() => spectralPool2d(tf.zeros([1, 8, 8, 1], 'int32'), { strides: 2 }), "x must be of dtype float32, got 'int32'"],
  [() => spectralPool2d(tf.zeros([1, 1, 8, 1]), { strides: 2 }), 'every side of x must be 2 or more, got [1, 1, 8, 1]'],
  [
    () => spectralPool2d(tf.zeros([1, 8, 8, 1]), { strides: 2, norm: 'none' as never }),
    "norm must be 'backward', 'ortho' or 'forward', got 'none'",
  ],
  [
    () => spectralPool2d(tf.zeros([1, 8, 8, 1]), { strides: 2, dataFormat: 'NHWC' as never }),
    "dataFormat must be 'channelsLast' or 'channelsFirst', got 'NHWC'",
  ],
])('names what is wrong: %s', async (action, message) => {
  await expectNamedError(action, SpectralPoolingError, `spectral-pooling.spectralPool2d: ${message}`);
});

it('names options that are none, of signals', async () => {
  for (const options of [null, undefined, 'half', [2]]) {
    await expectNamedError(
      () => spectralPool1d(tf.zeros([1, 8, 1]), options as never),
      SpectralPoolingError,
      /^spectral-pooling.spectralPool1d: options must be some of {strides, size, norm, dataFormat}, got /,
    );
  }
});
