import { expectNamedError, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { TrainerError } from './errors.ts';
import { evaluate } from './evaluate.ts';

/** Sees one number, and says class 0 below 0, class 2 above 1, else class 1. */
function thresholds(activation?: 'softmax') {
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 3, inputShape: [1], activation })] });
  model.layers[0]!.setWeights([tf.tensor2d([[-10, 0, 10]]), tf.tensor1d([0, 0, -10])]);
  return model;
}

const values = [-1, -2, 0.5, 0.4, 2, -3, 9];
const labels = [0, 0, 1, 1, 2, 2, 0];
const data = {
  length: 3,
  async *from(index: number) {
    for (let i = index; i < 3; i++) {
      const images = Float32Array.from(values.slice(3 * i, 3 * i + 3));
      yield { images, shape: [images.length, 1], labels: labels.slice(3 * i, 3 * i + 3) };
    }
  },
};

forEachBackend(() => {
  it('counts what is recognized as what, over batches of unequal sizes', async () => {
    const model = thresholds();
    const before = tf.memory().numTensors;
    const result = await evaluate(model, data, { samples: 2 });
    expect(result).toMatchObject({ count: 7, accuracy: 5 / 7 });
    expect(result.confusion).toEqual([
      [2, 0, 1],
      [0, 2, 0],
      [1, 0, 1],
    ]);
    expect(result.samples.map(({ index, label, predicted }) => [index, label, predicted])).toEqual([
      [0, 0, 0],
      [1, 0, 0],
    ]);
    expect(result.mistakes.map(({ index, values: [value] }) => [index, value])).toEqual([
      [5, -3],
      [6, 9],
    ]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('labels as tf.oneHot gives them', () => {
  forEachBackend(() => {
    it('are what class numbers are, and none is left behind', async () => {
      const model = thresholds();
      const before = tf.memory().numTensors;
      const oneHot = {
        length: 1,
        async *from() {
          const rows = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), 3));
          yield { images: Float32Array.from(values), shape: [7, 1], labels: rows, dispose: () => rows.dispose() };
        },
      };
      const { loss, ...result } = await evaluate(model, oneHot);
      const { loss: expected, ...numbers } = await evaluate(model, data);
      expect(result).toEqual(numbers);
      expect(loss).toBeCloseTo(expected, 5);
      expect(tf.memory().numTensors).toBe(before);
    });
  });
});

describe('the loss', () => {
  forEachBackend(() => {
    it('is the mean cross-entropy, of logits and of probabilities alike', async () => {
      const logits = values.map((x) => [-10 * x, 0, 10 * x - 10]);
      const losses = logits.map((row, i) => Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[labels[i]!]!);
      const mean = losses.reduce((sum, loss) => sum + loss, 0) / 7;
      expect((await evaluate(thresholds(), data)).loss / mean).toBeCloseTo(1, 5);
      // Probabilities below 1e-7 are raised to it, as Keras does.
      const clipped = losses.reduce((sum, loss) => sum + Math.min(loss, -Math.log(1e-7)), 0) / 7;
      const softmax = thresholds('softmax');
      expect((await evaluate(softmax, data)).loss / clipped).toBeCloseTo(1, 4);
      // As one that is built of a model that was trained before.
      const outer = tfl.sequential({ layers: [tfl.sequential({ layers: [softmax] })] });
      expect((await evaluate(outer, data)).loss / clipped).toBeCloseTo(1, 4);
    });

    it('can be called off, and names what it cannot evaluate', async () => {
      await expect(evaluate(thresholds(), data, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
      const empty = { length: 0, from: data.from };
      const message = 'trainer.evaluate: there must be a batch to evaluate, got 0';
      await expectNamedError(() => evaluate(thresholds(), empty), TrainerError, message);
      const wrong = (source: unknown, options: unknown, words: string) => {
        const action = () => evaluate(thresholds(), source as never, options as never);
        return expectNamedError(action, TrainerError, `trainer.evaluate: ${words}`);
      };
      await wrong(undefined, {}, 'data must be batches, {length, from}, got undefined');
      await wrong(data, { sample: 2 }, 'options must be some of {samples, signal}, got {sample: 2}');
      await wrong(data, { samples: '2' }, "samples must be a whole number >= 0, got '2'");
      await wrong(data, { signal: 1 }, 'signal must be an AbortSignal, got 1');
    });
  }, ['cpu']);
});
