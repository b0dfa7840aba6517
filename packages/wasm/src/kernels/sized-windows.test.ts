import '../index.ts';
import { checkAdjoint, checkGradient } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import { expectParity, type Input, random, valueAndGradients } from '../testing/parity.ts';

type Round = 'floor' | 'ceil' | 'round' | undefined;

// In each of them, TF.js's own kernel comes to another size than its result has.
const WINDOWS: [string, [number, number], number, 'same' | number, Round][] = [
  ['1x2, stride 2, same', [1, 2], 2, 'same', undefined],
  ['2x2, stride 3, same', [2, 2], 3, 'same', undefined],
  ['1x2, no padding', [1, 2], 1, 0, 'floor'],
  ['1x3, stride 2, no padding', [1, 3], 2, 0, 'floor'],
  ['2x2, stride 2, rounded up', [2, 2], 2, 0, 'ceil'],
  ['2x2, stride 3, rounded to the nearest', [2, 2], 3, 0, 'round'],
  ['3x3, padding of 1, rounded up', [3, 3], 2, 1, 'ceil'],
  ['7x5, padding of 1', [7, 5], 1, 1, undefined],
  ['4x2, stride 2, padding of 1', [4, 2], 2, 1, undefined],
  ['6x3, stride 3, no padding', [6, 3], 3, 0, undefined],
];

const POOLS = [
  ['maxPool', tf.maxPool],
  ['avgPool', tf.avgPool],
] as const;

describe.each(WINDOWS)('%s', (_, size, strides, pad, round) => {
  // Gradients of cpu forget how sizes were rounded.
  const isRounded = round === 'ceil' || round === 'round';
  const x = random([2, 7, 8, 5]);
  const values = ({ values, shape }: Input) => tf.tensor(values, shape);

  it.each(POOLS)('%s', async (_, pool) => {
    const pooled = (v: tf.Tensor) => pool(v as tf.Tensor4D, size, strides, pad, round);
    await expectParity([x], isRounded ? (v) => pooled(v!) : valueAndGradients(pooled));
    // That of averages counts padding, which the forward pass does not, as on every backend of TF.js.
    if (pool === tf.maxPool) await checkGradient((v) => pooled(v!), [values(x)], { step: 1e-3 });
  });

  it('depthwiseConv2d', async () => {
    const filter = random([...size, 5, 2], 2);
    const conv = (v: tf.Tensor, f: tf.Tensor) =>
      tf.depthwiseConv2d(v as tf.Tensor4D, f as tf.Tensor4D, strides, pad as 'same', 'NHWC', 1, round);
    await expectParity([x, filter], isRounded ? (v, f) => conv(v!, f!) : valueAndGradients(conv));
    await checkAdjoint((v) => conv(v, values(filter)), values(x));
    await checkAdjoint((f) => conv(values(x), f), values(filter));
  });

  it('fused.depthwiseConv2d', async () => {
    const fused = { strides, pad: pad as 'same', dimRoundingMode: round, activation: 'relu' } as const;
    await expectParity([x, random([...size, 5, 1], 2), random([5], 3)], (v, filter, bias) =>
      tf.fused.depthwiseConv2d({ ...fused, x: v as tf.Tensor4D, filter: filter as tf.Tensor4D, bias: bias! }),
    );
  });
});
