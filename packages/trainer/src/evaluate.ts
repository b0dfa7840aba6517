import { softmaxCrossEntropy } from '@stridelab/train-ops';
import { softmax, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkSource, type EpochBatches, largest, toDevice } from './data.ts';
import { checkOptions, checkSignal, checkWholeNumber, TrainerError } from './errors.ts';
import { type Network, networkOf } from './network.ts';
import { nextTask } from './next-task.ts';

/** One example and what the model makes of it. */
export interface Sample {
  /** Its number in the data. */
  index: number;
  label: number;
  predicted: number;
  /** Of the predicted class. */
  probability: number;
  /** Without the batch axis. */
  shape: number[];
  values: Float32Array;
}

export interface Evaluation {
  count: number;
  /** Mean cross-entropy, without label smoothing and penalties. */
  loss: number;
  /** Part that was recognized. */
  accuracy: number;
  /** `confusion[label][predicted]` examples. */
  confusion: number[][];
  /** The first ones of the data. */
  samples: Sample[];
  /** Those of which the model was surest, and wrong. */
  mistakes: Sample[];
}

export interface EvaluateOptions {
  /** How many samples, and how many mistakes. Default 0. */
  samples?: number;
  signal?: AbortSignal;
}

/** How well a model recognizes data that it does not learn from. */
export async function evaluate(
  model: LayersModel,
  data: EpochBatches,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const network = networkOf('evaluate', model);
  checkEvaluated('evaluate', 'data', data, network.classes);
  checkOptions('evaluate', 'options', options, ['samples', 'signal']);
  if (options.samples !== undefined) checkWholeNumber('evaluate', 'samples', options.samples, 0);
  checkSignal('evaluate', options.signal);
  return await evaluateNetwork('evaluate', network, data, options);
}

/** Refuses data that cannot be evaluated. */
export function checkEvaluated(operation: string, name: string, data: EpochBatches, classes: number): void {
  checkSource(operation, name, data, classes);
  if (data.length < 1) throw new TrainerError(operation, 'there must be a batch to evaluate', data.length);
}

export async function evaluateNetwork(
  operation: string,
  network: Network,
  data: EpochBatches,
  { samples: wanted = 0, signal }: EvaluateOptions = {},
): Promise<Evaluation> {
  const { classes } = network;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const result: Evaluation = { count: 0, loss: 0, accuracy: 0, confusion, samples: [], mistakes: [] };
  let correct = 0;
  for await (const given of data.from(0)) {
    const batch = toDevice(operation, given, network.example, classes);
    const { size, images, targets } = batch;
    const results = tidy(() => {
      const logits = network.logits(images, false);
      return [softmaxCrossEntropy(targets as Tensor2D, logits, { reduction: 'sum' }), softmax(logits)] as const;
    });
    try {
      const [[loss], probabilities, labels] = await Promise.all([results[0].data(), results[1].data(), batch.classes]);
      const predicted = largest(probabilities, classes);
      if (wanted > 0) {
        const values = await images.data<'float32'>();
        const example = values.length / size;
        const samples = Array.from(predicted, (_, i) => ({
          index: result.count + i,
          label: labels[i]!,
          predicted: predicted[i]!,
          probability: probabilities[i * classes + predicted[i]!]!,
          shape: images.shape.slice(1),
          values: values.subarray(i * example, (i + 1) * example),
        }));
        collect(result, samples, wanted);
      }
      for (let i = 0; i < size; i++) {
        confusion[labels[i]!]![predicted[i]!]!++;
        if (labels[i] === predicted[i]) correct++;
      }
      result.loss += loss!;
      result.count += size;
    } finally {
      for (const tensor of results) tensor.dispose();
      batch.dispose();
    }
    await nextTask();
    signal?.throwIfAborted();
  }
  return { ...result, loss: result.loss / result.count, accuracy: correct / result.count };
}

/** Adds to the samples while there is room, and to the mistakes what is surer than those there. */
function collect({ samples, mistakes }: Evaluation, batch: readonly Sample[], wanted: number): void {
  const own = (sample: Sample): Sample => ({ ...sample, values: sample.values.slice() });
  samples.push(...batch.slice(0, Math.max(wanted - samples.length, 0)).map(own));
  const wrong = [...mistakes, ...batch.filter(({ label, predicted }) => label !== predicted)];
  wrong.sort((a, b) => b.probability - a.probability || a.index - b.index);
  mistakes.splice(0, mistakes.length, ...wrong.slice(0, wanted).map(own));
}
