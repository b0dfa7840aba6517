// A training whose products read operands packed in float16: recorded and replayed, and as it is.
import '../index.ts';
import { randomValues } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import { FusedSgd } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { forgetPacked, packsOf } from '../gemm/packed.ts';
import { internalsOf } from '../gpu/backend.ts';
import { openTiers, SMALL, withChoice } from '../testing/tiers.ts';
import { captureStep } from './capture-step.ts';

const units = (await openTiers())('matrix') ? SMALL.matrix : SMALL.emulated;
const STEPS = 6;

/** Losses and weights of a training, as bits. Its weights are overwritten in place by the optimizer. */
async function train(packFrom: number, wrap: typeof captureStep) {
  const variable = (shape: number[], seed: number) =>
    tf.variable(
      tf.tensor(
        randomValues(tf.util.sizeFromShape(shape), seed).map((value) => 0.2 * value),
        shape,
      ),
    );
  const [first, second, last] = [variable([3, 3, 8, 8], 1), variable([3, 3, 8, 16], 2), variable([16, 8], 3)];
  const variables = [first, second, last];
  const optimizer = new FusedSgd({ learningRate: 0.1 });
  const step = (images: tf.Tensor) => {
    const { value, grads } = tf.variableGrads(() => {
      const inner = tf.relu(tf.conv2d(images as tf.Tensor4D, first as unknown as tf.Tensor4D, 1, 'same'));
      const outer = tf.relu(tf.conv2d(inner, second as unknown as tf.Tensor4D, 2, 'same'));
      const logits = tf.matMul(outer.mean([1, 2]), last as unknown as tf.Tensor2D);
      return logits.sub(1).square().mean() as tf.Scalar;
    }, variables);
    optimizer.applyGradients(grads);
    tf.dispose(grads);
    return value;
  };
  const captured = wrap(step as never) as unknown as typeof step & ReturnType<typeof captureStep>;
  const values = [];
  await withChoice({ ...units, packFrom }, async () => {
    for (let i = 0; i < STEPS; i++) {
      const images = tf.tensor(randomValues(2 * 6 * 6 * 8, i), [2, 6, 6, 8]);
      const loss = captured(images);
      values.push(await loss.data());
      tf.dispose([images, loss]);
    }
  });
  const isPacked = variables.some((variable) => packsOf(internalsOf(tf.backend())).has(variable));
  for (const variable of variables) values.push(await variable.data());
  const statistics = { ...captured.statistics };
  captured.dispose?.();
  tf.dispose(variables);
  forgetPacked(internalsOf(tf.backend()));
  return { bits: values.map((list) => [...new Uint32Array(list.slice().buffer)]), statistics, isPacked };
}

it('has the same bits, packed or not, replayed or not', async () => {
  const call = ((step: unknown) => step) as never;
  const plain = await train(Number.POSITIVE_INFINITY, call);
  const packed = await train(0, call);
  const [recordedPlain, recorded] = [await train(Number.POSITIVE_INFINITY, captureStep), await train(0, captureStep)];
  expect([plain.isPacked, packed.isPacked]).toEqual([false, true]);
  expect(recorded.isPacked).toBe(false); // what was packed in a recording is no one else's
  expect(packed.bits).toEqual(plain.bits);
  expect(recorded.bits).toEqual(plain.bits);
  expect(recorded.statistics.replays).toBeGreaterThanOrEqual(STEPS - 3);
  // Packing is part of each replay.
  expect(recorded.statistics.dispatches).toBeGreaterThan(recordedPlain.statistics.dispatches);
  expect(await takeGpuErrors()).toEqual([]);
});

it('packs in every replay what no step changes', async () => {
  const [shape, filterShape] = [
    [2, 6, 6, 8],
    [3, 3, 8, 8],
  ] as [[number, number, number, number], [number, number, number, number]];
  const filter = tf.variable(tf.tensor4d(randomValues(576, 1), filterShape), false);
  const convolved = (x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same');
  const captured = captureStep(convolved);
  const read = async (y: tf.Tensor) => {
    const values = await y.data();
    y.dispose();
    return values;
  };
  const x = tf.tensor4d(randomValues(576, 2), shape);
  const expected = () => withChoice(units, () => read(convolved(x)));
  const packed = <T>(work: () => T) => withChoice({ ...units, packFrom: 0 }, async () => work());
  const before = await expected();
  expect(await read(await packed(() => convolved(x)))).toEqual(before);
  for (let i = 0; i < 4; i++) expect(await read(await packed(() => captured(x)))).toEqual(before);
  expect(captured.statistics.replays).toBeGreaterThan(0);
  tf.tidy(() => filter.assign(tf.neg(filter)));
  const after = await expected();
  expect(after).toEqual(before.map((value) => -value));
  expect(await read(await packed(() => captured(x)))).toEqual(after);
  // Nor does the program read what was packed for the recording.
  expect(await read(await packed(() => convolved(x)))).toEqual(after);
  captured.dispose();
  expect(await read(await packed(() => convolved(x)))).toEqual(after);
  tf.dispose([x, filter]);
  expect(await takeGpuErrors()).toEqual([]);
});
