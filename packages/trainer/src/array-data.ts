// Data that lies in memory as it is, for models that are not trained on CIFAR.
import { optionsOrNone } from '@stridelab/errors';
import { util } from '@tensorflow/tfjs-core';
import type { EpochBatches, TrainingBatch, TrainingData } from './data.ts';
import { checkNumber, checkOptions, checkWholeNumber, TrainerError } from './errors.ts';
import { withRandom } from './random.ts';

export interface ArrayDataOptions {
  /** Examples in a row. */
  images: Float32Array;
  /** Class numbers. */
  labels: ArrayLike<number>;
  /** Of one example: [32, 32, 3]. */
  shape: readonly number[];
  /** Default 32. */
  batchSize?: number;
  /** Of the order of the examples, a new one for each epoch. Default 0. */
  seed?: number;
  /** Share of the examples, drawn at random, that is kept for validation, in [0, 1). Default 0. */
  validationSplit?: number;
}

const NAME = 'arrayData';
const NAMES = ['images', 'labels', 'shape', 'batchSize', 'seed', 'validationSplit'];

/** Batches of examples in memory. The last batch of an epoch may be smaller. */
export function arrayData(options: ArrayDataOptions): TrainingData {
  checkOptions(NAME, 'options', optionsOrNone(options), NAMES);
  const { images, labels, shape, batchSize = 32, seed = 0, validationSplit = 0 } = optionsOrNone(options);
  if (!ArrayBuffer.isView(images)) throw new TrainerError(NAME, 'images must be a Float32Array', images);
  if (typeof labels?.length !== 'number') throw new TrainerError(NAME, 'labels must be a list of numbers', labels);
  if (!Array.isArray(shape)) throw new TrainerError(NAME, 'shape must be a list, of one example', shape);
  const values = shape.reduce((product, side) => product * side, 1);
  checkWholeNumber(NAME, 'batchSize', batchSize, 1);
  checkWholeNumber(NAME, 'seed', seed, 0);
  checkNumber(NAME, 'validationSplit', validationSplit, { most: 1 });
  if (images.length !== labels.length * values) {
    const rule = `images must hold ${labels.length} examples of shape [${shape.join(', ')}]`;
    throw new TrainerError(NAME, rule, `${images.length} values`);
  }
  const classes = classesOf(labels);
  const order = shuffled(labels.length, `${seed}/split`);
  const held = Math.round(labels.length * validationSplit);
  const [validation, training] = [order.slice(0, held), order.slice(held)];
  if (batchSize > training.length) {
    throw new TrainerError(NAME, `batchSize must not exceed the ${training.length} examples to learn from`, batchSize);
  }

  const batch = (numbers: readonly number[]): TrainingBatch => {
    const picked = new Float32Array(numbers.length * values);
    numbers.forEach((n, i) => {
      picked.set(images.subarray(n * values, (n + 1) * values), i * values);
    });
    return { shape: [numbers.length, ...shape], images: picked, labels: numbers.map((n) => labels[n]!) };
  };
  const inBatches = (numbers: readonly number[]): EpochBatches => {
    const length = Math.ceil(numbers.length / batchSize);
    return {
      length,
      classes,
      async *from(index) {
        for (let i = index; i < length; i++) yield batch(numbers.slice(i * batchSize, (i + 1) * batchSize));
      },
    };
  };
  return {
    train: (epoch) => inBatches(shuffled(training.length, `${seed}/${epoch}`).map((i) => training[i]!)),
    ...(held > 0 && { validation: inBatches(validation) }),
  };
}

/** One more than the largest. Whatever is no class number is found here, and not once the weights have moved. */
function classesOf(labels: ArrayLike<number>): number {
  let classes = 0;
  for (let i = 0; i < labels.length; i++) {
    checkWholeNumber(NAME, 'each label', labels[i], 0);
    classes = Math.max(classes, labels[i]! + 1);
  }
  return classes;
}

/** 0 ... count - 1 in an order of its own for each key. */
function shuffled(count: number, key: string): number[] {
  return withRandom(key, () => [...util.createShuffledIndices(count)]);
}
