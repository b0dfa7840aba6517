// Dropout, for the packages that have a kernel of their own for it.
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { type BackendName, openTestBackend } from '../backends.ts';
import { parityOn, random, valueAndGradients } from '../parity.ts';

/** That of @stridelab/train-ops, which this package is below of. */
type Dropout = (
  x: tf.Tensor,
  draw: readonly [number, number] | tf.Tensor1D,
  options: { rate: number; noiseShape?: readonly number[] },
) => tf.Tensor;

/** The tests of what both kernels take, with exactly what the host draws. */
export function testDropout(backend: BackendName, dropout: Dropout): void {
  const expectParity = parityOn(backend);

  it.each([[[3, 5, 7, 9]], [[16]], [[1]], [[3]], [[]], [[0, 4]], [[64, 1031]], [[300, 1000]]])(
    'of %j, to the bit as on cpu',
    async (shape) => {
      for (const [rate, seed, step] of [
        [0.5, 0, 0],
        [0.1, 2 ** 24 - 1, 77],
        [0.9, 12345, 2 ** 24 - 1],
      ] as const) {
        const work = valueAndGradients((x) => dropout(x!, [seed, step], { rate }));
        await expectParity([random(shape)], work, 0);
      }
    },
  );

  it('of draws that are a tensor, shared along axes, and of what is not finite', async () => {
    const draw = { shape: [2], values: [5, 6] };
    const options = { rate: 0.4, noiseShape: [6, 1, 7] };
    await expectParity([random([6, 4, 7]), draw], (x, d) => dropout(x!, d as tf.Tensor1D, options), 0);
    const x = { shape: [8], values: [Number.NaN, Infinity, -Infinity, Number.NaN, Infinity, -Infinity, 0, -0] };
    await expectParity([x, draw], (v, d) => dropout(v!, d as tf.Tensor1D, { rate: 0.5 }), 0);
  });

  it('is one kernel, and so is its gradient', async () => {
    await openTestBackend(backend);
    const f = (x: tf.Tensor) => dropout(x, [1, 2], { rate: 0.5 });
    const { kernels } = await tf.profile(() => tf.grad(f)(tf.tensor1d([-1, 2]), tf.ones([2])));
    const names = kernels.map(({ name }) => name).filter((name) => name !== 'Identity' && tf.getKernel(name, backend));
    expect(names).toEqual(['StridelabDropout', 'StridelabDropout']);
  });
}
