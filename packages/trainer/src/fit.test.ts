import { forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { arrayData } from './array-data.ts';
import { DivergedError } from './errors.ts';
import { fit } from './fit.ts';
import type { FitOptions } from './options.ts';
import { examples, memoryStore, ofType, recorder, smallData, smallModel, weightBits } from './test-tools.ts';

const recipe: FitOptions = { epochs: 3, schedule: 0.05, optimizer: { kind: 'sgd', momentum: 0.9 } };

forEachBackend((backend) => {
  it('learns, tells of everything, and validates', async () => {
    const { events, onEvent } = recorder();
    const model = smallModel();
    const result = await fit(model, smallData(96), { ...recipe, epochs: 6, onEvent });
    expect(result).toMatchObject({ reason: 'finished', step: 54 });
    expect(result.history).toHaveLength(6);
    const [first, last] = [result.history[0]!, result.history.at(-1)!];
    expect(last.loss).toBeLessThan(first.loss / 2);
    expect(last.validationAccuracy).toBeGreaterThan(0.8);
    expect(events.map(({ type }) => type).filter((type) => type !== 'step')).toEqual([
      'start',
      ...new Array(6).fill('epoch'),
      'end',
    ]);
    const steps = ofType(events, 'step');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 54 }, (_, i) => i + 1));
    expect(steps[10]).toMatchObject({ epoch: 1, batch: 2, batches: 9, learningRate: 0.05 });
    const mean = steps.slice(0, 9).reduce((sum, { loss }) => sum + loss, 0) / 9;
    expect(first.loss).toBeCloseTo(mean, 10);
    expect(ofType(events, 'start')[0]).toMatchObject({
      totalSteps: 54,
      trainableParameters: 36 * 8 + 8 + 16 + 27,
      backend,
    });
  });

  it('leaves no tensor behind, whether it ends or fails', async () => {
    const model = smallModel();
    const broken = examples(16);
    broken.images[0] = Number.NaN;
    const failing = arrayData({ ...broken, batchSize: 8 });
    const before = tf.memory().numTensors;
    await fit(model, smallData(), { ...recipe, checkpoints: memoryStore() });
    expect(tf.memory().numTensors).toBe(before);
    await fit(model, failing, recipe).catch(() => {});
    expect(tf.memory().numTensors).toBe(before);
  });

  it('learns from what tf.oneHot gives as from class numbers, and keeps none of it', async () => {
    const { images, labels, shape } = examples(8);
    const source = (labelsOf: () => tf.Tensor | ArrayLike<number>) => {
      const batches = {
        length: 2,
        async *from(index: number) {
          for (let i = index; i < 2; i++) {
            const given = labelsOf();
            yield { images, shape: [8, ...shape], labels: given, dispose: () => tf.dispose(given as tf.Tensor) };
          }
        },
      };
      return { train: () => batches, validation: batches };
    };
    const histories = [];
    const oneHot = () => tf.tidy(() => tf.oneHot(tf.tensor1d(labels as number[], 'int32'), 3));
    for (const labelsOf of [() => labels, oneHot, () => tf.tidy(() => tf.cast(oneHot(), 'bool'))]) {
      const model = smallModel();
      const before = tf.memory().numTensors;
      histories.push((await fit(model, source(labelsOf), { epochs: 2, schedule: 0.05 })).history);
      expect(tf.memory().numTensors).toBe(before);
      model.dispose();
    }
    const numbers = histories.map((history) =>
      history.map(({ loss, accuracy, validationLoss }) => [loss, accuracy, validationLoss]),
    );
    expect(numbers[1]).toEqual(numbers[0]);
    expect(numbers[2]).toEqual(numbers[0]);
  });

  it('keeps the number of tensors the same after every step', async () => {
    const counts: number[] = [];
    const data = smallData();
    await fit(smallModel(), data, {
      ...recipe,
      onEvent: ({ type }) => {
        if (type === 'step') counts.push(tf.memory().numTensors);
      },
    });
    // The last step of an epoch is read when no other runs, hence has a step's tensors less.
    const within = counts.filter((_, i) => i % 5 !== 4 && i > 0);
    expect(new Set(within).size).toBe(1);
  });
});

describe('on cpu', () => {
  forEachBackend(() => {
    it('does what plain TF.js does: the loss, penalties of layers, momentum and moving statistics', async () => {
      const regularized = () => {
        const model = smallModel({ activation: 'softmax', dropout: null });
        const penalty = () => tf.mul(0.01, tf.sum(tf.square(model.layers[1]!.getWeights()[0]!))) as tf.Scalar;
        model.layers[1]!.addLoss(() => penalty());
        return model;
      };
      const [ours, plain] = [regularized(), regularized()];
      const data = arrayData({ ...examples(24), batchSize: 24 });
      const { events, onEvent } = recorder();
      await fit(ours, data, { ...recipe, epochs: 3, onEvent });

      plain.compile({ optimizer: tf.train.momentum(0.05, 0.9), loss: 'categoricalCrossentropy' });
      const { images, labels } = examples(24);
      const x = tf.tensor(images, [24, 6, 6, 1]);
      const y = tf.oneHot(tf.tensor1d(labels as number[], 'int32'), 3);
      const history = await plain.fit(x, y, { epochs: 3, batchSize: 24, shuffle: false, verbose: 0 });
      ofType(events, 'step').forEach(({ loss }, i) => {
        expect(loss).toBeCloseTo(Number(history.history.loss![i]), 4);
      });
      // As one row: the gradient of the bias before batch norm is zero but for rounding, and has no digits to compare.
      const all = (model: tfl.LayersModel) => tf.concat(model.getWeights().map((weight) => tf.reshape(weight, [-1])));
      await expect(all(ours)).toBeAllClose(all(plain), { relative: 1e-4 });
    });

    it('counts a penalty once where a layer is used twice', async () => {
      const input = tfl.input({ shape: [6, 6, 1] });
      const shared = tfl.layers.dense({ units: 4, kernelInitializer: 'zeros' });
      shared.addLoss(() => tf.scalar(7) as never);
      const flat = tfl.layers.flatten().apply(input) as tfl.SymbolicTensor;
      const sum = tfl.layers.add().apply([shared.apply(flat), shared.apply(flat)] as tfl.SymbolicTensor[]);
      const head = tfl.layers.dense({ units: 3, kernelInitializer: 'zeros' }).apply(sum) as tfl.SymbolicTensor;
      const { events, onEvent } = recorder();
      await fit(tfl.model({ inputs: input, outputs: head }), smallData(), { epochs: 1, schedule: 0, onEvent });
      expect(ofType(events, 'step')[0]!.loss).toBeCloseTo(7 + Math.log(3), 5);
    });

    it('shrinks kernels and nothing else: l2 as its penalty would, decoupled as AdamW', async () => {
      const still = { images: new Float32Array(3 * 36), labels: [0, 1, 2], shape: [6, 6, 1] };
      const weights = async (decay: { kind: 'l2' | 'decoupled'; rate: number }) => {
        const model = smallModel({ dropout: null });
        const before = model.layers[1]!.getWeights()[0]!.clone();
        const optimizer = { kind: 'sgd', momentum: 0, decay } as const;
        await fit(model, arrayData({ ...still, batchSize: 3 }), { epochs: 1, schedule: 0.1, optimizer });
        return { before, after: model.layers[1]!.getWeights()[0]!, offset: model.layers[2]!.getWeights()[0]! };
      };
      const l2 = await weights({ kind: 'l2', rate: 0.5 });
      await expect(l2.after).toBeAllClose(tf.mul(l2.before, 1 - 0.1 * 2 * 0.5));
      await expect(l2.offset).toBeAllClose(tf.ones([8]));
      const decoupled = await weights({ kind: 'decoupled', rate: 0.5 });
      await expect(decoupled.after).toBeAllClose(tf.mul(decoupled.before, 1 - 0.1 * 0.5));
    });

    it('gives the same weights for the same seed, dropout and all, and leaves Math.random alone', async () => {
      const random = Math.random;
      const run = async (seed: number) => {
        const model = smallModel();
        await fit(model, smallData(), { ...recipe, seed });
        return await weightBits(model);
      };
      const [first, again, other] = [await run(1), await run(1), await run(2)];
      expect(again).toEqual(first);
      expect(other).not.toEqual(first);
      expect(Math.random).toBe(random);
    });

    it('names the step at which the loss stops being a number, and saves nothing of it', async () => {
      const checkpoints = memoryStore();
      const broken = examples(48);
      broken.images[40 * 36] = Number.POSITIVE_INFINITY;
      const data = arrayData({ ...broken, batchSize: 8 });
      let failure: unknown;
      const { events, onEvent } = recorder();
      await fit(smallModel(), data, { ...recipe, checkpoints, onEvent, checkpointEvery: { steps: 1 } }).catch(
        (error) => {
          failure = error;
        },
      );
      expect(failure).toBeInstanceOf(DivergedError);
      const { step, message } = failure as DivergedError;
      expect(message).toBe(`trainer.fit: the loss must stay finite, and at step ${step} (epoch 1) it did not, got NaN`);
      expect(events.at(-1)).toEqual({ type: 'end', step, reason: 'diverged' });
      expect(checkpoints.states.at(-1)!.progress.step).toBe(step);
      for (const { values } of checkpoints.states.at(-1)!.weights)
        expect([...values].every(Number.isFinite)).toBe(true);
    });

    it('stops early once it no longer improves, and remembers the best', async () => {
      const { events, onEvent } = recorder();
      const checkpoints = memoryStore();
      const options = { ...recipe, epochs: 50, schedule: 0, monitor: 'validationLoss', checkpoints, onEvent } as const;
      const result = await fit(smallModel({ dropout: null }), smallData(), {
        ...options,
        earlyStopping: { patience: 3, minDelta: 10 },
      });
      expect(result).toMatchObject({ reason: 'early-stop', best: { epoch: 0 } });
      expect(result.history.map(({ best }) => best)).toEqual([true, false, false, false]);
      expect(ofType(events, 'end')[0]!.reason).toBe('early-stop');
      expect(ofType(events, 'checkpoint').map(({ best }) => best)).toEqual([true, false, false, false]);
    });

    it('learns from tensors, and from mixed images', async () => {
      let disposed = 0;
      const tensors = {
        train: () => ({
          length: 2,
          async *from(index: number) {
            for (let i = index; i < 2; i++) {
              const images = tf.ones([3, 6, 6, 1]);
              const labels = tf.eye(3);
              const dispose = () => {
                disposed++;
                images.dispose();
                labels.dispose();
              };
              yield { images, labels, dispose };
            }
          },
        }),
      };
      const before = smallModel();
      const count = tf.memory().numTensors;
      await fit(before, tensors, { epochs: 2 });
      expect(tf.memory().numTensors).toBe(count);
      expect(disposed).toBe(4);

      const { events, onEvent } = recorder();
      const mixed = {
        shape: [1, 6, 6, 1],
        images: new Float32Array(36),
        labels: [0],
        partnerLabels: [2],
        weights: [0.3],
      };
      const model = tfl.sequential({
        layers: [
          tfl.layers.flatten({ inputShape: [6, 6, 1] }),
          tfl.layers.dense({ units: 3, kernelInitializer: 'zeros', biasInitializer: tfl.initializers.zeros() }),
        ],
      });
      model.layers[1]!.setWeights([tf.zeros([36, 3]), tf.tensor1d([0, 0, 2])]);
      const data = {
        train: () => ({
          length: 1,
          from: async function* () {
            yield mixed;
          },
        }),
      };
      await fit(model, data, { epochs: 1, onEvent });
      const log = Math.log(2 + Math.exp(2));
      expect(ofType(events, 'step')[0]).toMatchObject({ accuracy: 1 });
      expect(ofType(events, 'step')[0]!.loss).toBeCloseTo(0.3 * log + 0.7 * (log - 2), 5);
    });
  }, ['cpu']);
});
