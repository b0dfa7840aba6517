// The kernel that is built has the variance that the plain layer's initializer would give it, whatever n and the algebra.
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import '@stridelab/test-kit';
import { type AlgebraRule, PHCConv2D, PHMDense } from '../index.ts';

const variance = (values: ArrayLike<number>) => {
  const list = Array.from(values);
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  return list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length;
};

/** Ratio of the variances of 3 x 3 kernels, 5 layers of each kind. */
async function varianceRatio(n: number, options: object): Promise<number> {
  const [channels, filters] = [8 * n, 12 * n];
  const sums = [0, 0];
  for (let seed = 1; seed <= 5; seed++) {
    const layer = new PHCConv2D({ n, filters, kernelSize: 3, algebraSeed: seed, ...options });
    layer.build([null, 5, 5, channels]);
    const plain = tfl.layers.conv2d({ filters, kernelSize: 3, ...options });
    plain.build([null, 5, 5, channels]);
    sums[0]! += variance(await layer.foldKernel().data());
    sums[1]! += variance(await plain.getWeights()[0]!.data());
  }
  return sums[0]! / sums[1]!;
}

const RULES: [AlgebraRule, number[]][] = [
  ['glorotUniform', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['real', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['cliffordRandom', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['complex', [2]],
  ['quaternion', [4]],
  ['tessarine', [4]],
];

it.each(RULES.flatMap(([rule, sizes]) => sizes.map((n) => [rule, n] as const)))(
  '%s, n = %d',
  async (algebraInitializer, n) => {
    const ratio = await varianceRatio(n, { algebraInitializer });
    // 4320 numbers and more stand behind each variance: 10% is over four of its standard deviations.
    expect(Math.abs(ratio - 1)).toBeLessThan(0.1);
  },
);

it.each(['heNormal', 'leCunUniform', 'glorotUniform', 'randomNormal'] as const)(
  'kernelInitializer %s',
  async (kernelInitializer) => {
    expect(Math.abs((await varianceRatio(4, { kernelInitializer })) - 1)).toBeLessThan(0.1);
  },
);

it('any other initializer of the algebra', async () => {
  const algebraInitializer = tfl.initializers.randomNormal({ stddev: 3 });
  expect(Math.abs((await varianceRatio(4, { algebraInitializer })) - 1)).toBeLessThan(0.1);
});

it('draws finite filters beside an algebra of zeros', async () => {
  const layer = new PHMDense({ n: 2, units: 4, algebraInitializer: tfl.initializers.zeros() });
  layer.build([null, 6]);
  const filters = await layer.getWeights()[1]!.data();
  expect(filters.every(Number.isFinite)).toBe(true);
  expect(variance(filters)).toBeGreaterThan(0);
});

it('fan-in counts the area of the kernel', async () => {
  const layer = new PHCConv2D({ n: 2, filters: 64, kernelSize: 5, kernelInitializer: 'heUniform' });
  layer.build([null, 8, 8, 32]);
  expect(variance(await layer.foldKernel().data()) / (2 / (25 * 32))).toBeCloseTo(1, 1);
});

it('dense layers too', async () => {
  const layer = new PHMDense({ n: 4, units: 256, kernelInitializer: 'leCunUniform' });
  layer.build([null, 128]);
  expect(variance(await layer.foldKernel().data()) * 128).toBeCloseTo(1, 1);
});
