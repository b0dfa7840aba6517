// Whole epochs of `model.fit`, of models that TF.js can train on wasm by itself.
import { registerWasmTraining, restore } from '@stridelab/wasm/training';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type Sequential, sequential } from '@tensorflow/tfjs-layers';
import { markdownTable, milliseconds, ratio, summarize } from '../harness.ts';

const EXAMPLES = 1024;
const FIT = { epochs: 1, batchSize: 32, verbose: 0 } as const;

const MODELS: Record<string, { shape: number[]; make: () => Sequential }> = {
  'dense layers, 784 to 128 to 10': {
    shape: [784],
    make: () =>
      sequential({
        layers: [
          layers.dense({ units: 128, activation: 'relu', inputShape: [784] }),
          layers.dense({ units: 10, activation: 'softmax' }),
        ],
      }),
  },
  'LSTM, 50 steps of 32 to 64': {
    shape: [50, 32],
    make: () =>
      sequential({
        layers: [layers.lstm({ units: 64, inputShape: [50, 32] }), layers.dense({ units: 10, activation: 'softmax' })],
      }),
  },
};

/** Milliseconds of an epoch of stochastic gradient descent, by our kernels and by TF.js's own in turn. */
export async function fitTable(rounds: number): Promise<string> {
  const rows: string[][] = [];
  for (const [name, { shape, make }] of Object.entries(MODELS)) {
    const x = tf.randomNormal([EXAMPLES, ...shape]);
    const classes = Array.from({ length: EXAMPLES }, (_, i) => i % 10);
    const y = tf.oneHot(classes, 10);
    const samples = { ours: [] as number[], tfjs: [] as number[] };
    for (let round = -1; round < rounds; round++) {
      for (const kernels of ['ours', 'tfjs'] as const) {
        kernels === 'ours' ? registerWasmTraining() : restore();
        const model = make();
        model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
        const start = performance.now();
        await model.fit(x, y, FIT);
        if (round >= 0) samples[kernels].push(performance.now() - start);
        model.dispose();
      }
    }
    const [ours, tfjs] = [summarize(samples.ours), summarize(samples.tfjs)];
    rows.push([
      name,
      `${milliseconds(ours)} ms`,
      `${milliseconds(tfjs)} ms`,
      `${ratio(tfjs, ours).median.toFixed(1)}x`,
    ]);
    tf.dispose([x, y]);
  }
  registerWasmTraining();
  return markdownTable(
    [`model.fit, ${EXAMPLES} examples in batches of ${FIT.batchSize}`, 'ours', 'TF.js', 'ratio'],
    rows,
  );
}
