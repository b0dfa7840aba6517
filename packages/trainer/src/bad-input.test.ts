// What fit, evaluate and the sources of batches refuse, and when.
import { expectNamedError } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { arrayData } from './array-data.ts';
import type { TrainingData } from './data.ts';
import { TrainerError } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { fit } from './fit.ts';
import type { FitOptions } from './options.ts';
import { recorder, smallData, smallModel, weightBits } from './test-tools.ts';

const _recipe: FitOptions = { epochs: 3, schedule: 0.05, optimizer: { kind: 'sgd', momentum: 0.9 } };

describe('bad input', () => {
  const model = smallModel();
  const data = smallData();
  const one = (batch: object) => ({
    train: () => ({
      length: 1,
      from: async function* () {
        yield batch as never;
      },
    }),
  });
  const batch = { shape: [2, 6, 6, 1], images: new Float32Array(72), labels: [0, 1] };
  /** Within options, where a name that is misspelt would leave the default, and a weight decay would reach the biases. */
  const nested: [object, string][] = [
    [
      { optimizer: { kind: 'sgd', momentun: 0.5 } },
      "optimizer must be some of {kind, momentum, nesterov, decay}, got {kind: 'sgd', momentun: 0.5}",
    ],
    [
      { optimizer: { kind: 'adam', weightDecay: 0.5 } },
      "optimizer must be some of {kind, beta1, beta2, epsilon, decay}, got {kind: 'adam', weightDecay: 0.5}",
    ],
    [{ optimizer: 'adam' }, "optimizer.kind must be 'sgd' or 'adam', got undefined"],
    [{ optimizer: { kind: 'sgd', nesterov: 'no' } }, "optimizer.nesterov must be true or false, got 'no'"],
    [{ optimizer: { kind: 'sgd', momentum: '0.9' } }, "optimizer.momentum must be in [0, 1), got '0.9'"],
    [
      { optimizer: { kind: 'sgd', decay: { kind: 'l2', rat: 1 } } },
      "optimizer.decay must be some of {kind, rate}, got {kind: 'l2', rat: 1}",
    ],
    [{ optimizer: { kind: 'sgd', decay: 1e-4 } }, 'optimizer.decay must be some of {kind, rate}, got 0.0001'],
    [
      { earlyStopping: { patience: 1, minDelt: 5 } },
      'earlyStopping must be some of {patience, minDelta}, got {patience: 1, minDelt: 5}',
    ],
    [{ earlyStopping: 3 }, 'earlyStopping must be some of {patience, minDelta}, got 3'],
    [{ checkpointEvery: { epochs: 3 } }, 'checkpointEvery must be some of {steps, seconds}, got {epochs: 3}'],
    [{ checkpointEvery: 5 }, 'checkpointEvery must be some of {steps, seconds}, got 5'],
    [{ checkpointEvery: { seconds: 0 } }, 'checkpointEvery.seconds must be a finite number > 0, got 0'],
    [{ checkpoints: 'runs/x' }, "checkpoints must be a store, {load, save}, got 'runs/x'"],
    [{ signal: {} }, 'signal must be an AbortSignal, got {}'],
    [{ onEvent: [] }, 'onEvent must be a function, got []'],
    [{ multiplyAdds: 5 }, 'multiplyAdds must be a function, got 5'],
    [{ capture: 0 }, 'capture must be true or false, got 0'],
  ];

  it.each<[string, () => unknown, string | RegExp]>([
    ['epochs', () => fit(model, data, { epochs: 0 }), 'epochs must be a whole number >= 1, got 0'],
    ['seed', () => fit(model, data, { epochs: 1, seed: -1 }), 'seed must be a whole number >= 0, got -1'],
    ['smoothing', () => fit(model, data, { epochs: 1, labelSmoothing: 1 }), 'labelSmoothing must be in [0, 1), got 1'],
    [
      'optimizer',
      () => fit(model, data, { epochs: 1, optimizer: { kind: 'lion' as never } }),
      "optimizer.kind must be 'sgd' or 'adam', got 'lion'",
    ],
    [
      'decay',
      () => fit(model, data, { epochs: 1, optimizer: { kind: 'sgd', decay: { kind: 'l2', rate: -1 } } }),
      'optimizer.decay.rate must be a finite number >= 0, got -1',
    ],
    [
      'monitor',
      () => fit(model, { train: data.train }, { epochs: 1, monitor: 'validationLoss' }),
      'data.validation must be given to monitor validationLoss, got undefined',
    ],
    [
      'patience',
      () => fit(model, data, { epochs: 1, earlyStopping: { patience: 0 } }),
      'earlyStopping.patience must be a whole number >= 1, got 0',
    ],
    [
      'no batch',
      () => fit(model, { train: () => ({ length: 0, from: async function* () {} }) }, { epochs: 1 }),
      'an epoch must have a batch; is the batch larger than the data?, got 0',
    ],
    [
      'too few batches',
      () => fit(model, { train: () => ({ length: 2, from: async function* () {} }) }, { epochs: 1 }),
      'an epoch must give its 2 batches, got 0',
    ],
    [
      'label',
      () => fit(model, one({ ...batch, labels: [0, 3] }), { epochs: 1 }),
      'labels must be whole numbers in [0, 3), got 3',
    ],
    [
      'label list',
      () => fit(model, one({ ...batch, labels: undefined }), { epochs: 1 }),
      'there must be 2 labels, got undefined',
    ],
    [
      'label of strings',
      () => fit(model, one({ ...batch, labels: tf.fill([2, 3], 'a') }), { epochs: 1 }),
      "labels must be float32, int32 or bool, got 'string'",
    ],
    [
      'pair of mixed images without weights',
      () => fit(model, one({ ...batch, partnerLabels: [1, 0] }), { epochs: 1 }),
      'partnerLabels and weights must be given together, got {partnerLabels: [1, 0]}',
    ],
    [
      'pair of weights without mixed images',
      () => fit(model, one({ ...batch, weights: [1, 0] }), { epochs: 1 }),
      'partnerLabels and weights must be given together, got {weights: [1, 0]}',
    ],
    [
      'partner',
      () => fit(model, one({ ...batch, partnerLabels: [1, 3], weights: [1, 0] }), { epochs: 1 }),
      'partnerLabels must be whole numbers in [0, 3), got 3',
    ],
    ...[5, Number.NaN, -0.1].map((weight): [string, () => unknown, string] => [
      'weight',
      () => fit(model, one({ ...batch, partnerLabels: [1, 0], weights: [0.5, weight] }), { epochs: 1 }),
      `weights must be numbers in [0, 1], got ${weight}`,
    ]),
    [
      'number of weights',
      () => fit(model, one({ ...batch, partnerLabels: [1, 0], weights: [0.5] }), { epochs: 1 }),
      'there must be 2 weights, got 1',
    ],
    [
      'source',
      () => fit(model, { train: () => [] as never }, { epochs: 1 }),
      'data.train(epoch) must be batches, {length, from}, got []',
    ],
    [
      'validation',
      () => fit(model, { ...data, validation: (() => {}) as never }, { epochs: 1 }),
      'data.validation must be batches, {length, from}, got a Function',
    ],
    ['label count', () => fit(model, one({ ...batch, labels: [0] }), { epochs: 1 }), 'there must be 2 labels, got 1'],
    [
      'shape',
      () => fit(model, one({ ...batch, shape: [2, 5, 6, 1] }), { epochs: 1 }),
      'images must have the shape (size, 6, 6, 1) that the model takes, got [2, 5, 6, 1]',
    ],
    [
      'images',
      () => fit(model, one({ ...batch, images: new Float32Array(71) }), { epochs: 1 }),
      'images must hold 72 values, got 71',
    ],
    [
      'frozen model',
      () => {
        const frozen = smallModel();
        for (const layer of frozen.layers) layer.trainable = false;
        return fit(frozen, data, { epochs: 1 });
      },
      'the model must have a weight that can be trained, got []',
    ],
    [
      'data',
      () => fit(model, tf.ones([2, 6, 6, 1]) as never, { epochs: 1 }),
      'data must be {train, validation}, got a Tensor',
    ],
    [
      'option',
      () => fit(model, data, { epochs: 1, learningRate: 1 } as never),
      /^trainer.fit: options .* {epochs, optim.*, got {epochs: 1, learningRate: 1}$/,
    ],
    ['options', () => fit(model, data, undefined as never), /^trainer.fit: options must be some of .*, got undefined$/],
    ['model', () => fit({} as never, data, { epochs: 1 }), 'model must be a tf.LayersModel, got {}'],
    [
      'steps',
      () => fit(model, data, { epochs: 1, checkpointEvery: { steps: 0.5 } }),
      'checkpointEvery.steps must be a whole number >= 1, got 0.5',
    ],
    ...nested.map(([options, message]): [string, () => unknown, string] => [
      Object.keys(options)[0]!,
      () => fit(model, data, { epochs: 1, ...options } as never),
      message,
    ]),
  ])('names a wrong %s', async (_, action, message) => {
    await expectNamedError(action, TrainerError, typeof message === 'string' ? `trainer.fit: ${message}` : message);
  });

  it('finds labels that the model has no output for before any work, where the data knows its classes', async () => {
    const five = arrayData({ images: new Float32Array(36 * 4), labels: [0, 1, 4, 2], shape: [6, 6, 1], batchSize: 1 });
    const before = await weightBits(model);
    const { events, onEvent } = recorder();
    const wrong = (data: TrainingData, name: string) =>
      expectNamedError(
        () => fit(model, data, { epochs: 1, onEvent }),
        TrainerError,
        `trainer.fit: the model must give the 5 classes of ${name}, got 3`,
      );
    await wrong(five, 'data.train(epoch)');
    await wrong({ train: data.train, validation: five.train(0) }, 'data.validation');
    expect(events).toEqual([]);
    expect(await weightBits(model)).toEqual(before);
    const message = 'trainer.evaluate: the model must give the 5 classes of data, got 3';
    await expectNamedError(() => evaluate(model, five.train(0)), TrainerError, message);
    const empty = { length: 0, from: five.train(0).from };
    const nothing = 'trainer.fit: there must be a batch to evaluate, got 0';
    await expectNamedError(() => fit(model, { ...data, validation: empty }, { epochs: 1 }), TrainerError, nothing);
  });

  it('hands back the tensors of a batch that it refuses', async () => {
    const before = tf.memory().numTensors;
    const wrong = () => {
      const [images, labels] = [tf.ones([2, 6, 6, 1]), tf.ones([2, 4])];
      return { images, labels, dispose: () => tf.dispose([images, labels]) };
    };
    const message = 'trainer.fit: labels must have the shape (2, 3), got [2, 4]';
    const batches = {
      length: 1,
      from: async function* () {
        yield wrong();
      },
    };
    await expectNamedError(() => fit(model, { train: () => batches }, { epochs: 1 }), TrainerError, message);
    expect(tf.memory().numTensors).toBe(before);
  });
});
