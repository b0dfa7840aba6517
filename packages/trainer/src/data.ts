// What a training reads: any source of batches that can begin an epoch anew and go on in the middle of one. The batches of
// @stridelab/cifar-data are such a source as they are, on the host or on the device.
import { cast, Tensor, tensor } from '@tensorflow/tfjs-core';
import { TrainerError } from './errors.ts';

/** Some labelled examples. */
export interface TrainingBatch {
  /** (size, ...example). Not needed where `images` is a tensor. */
  readonly shape?: readonly number[];
  readonly images: Float32Array | Tensor;
  /** Class numbers (size), or as a tensor the distributions of classes (size, classes), such as `tf.oneHot` gives. */
  readonly labels: ArrayLike<number> | Tensor;
  /** With mixup: class numbers of the partners. `weights` must be there too. */
  readonly partnerLabels?: ArrayLike<number>;
  /** With mixup: the weight of each label, in [0, 1]; its partner's is one less it. */
  readonly weights?: ArrayLike<number>;
  /** Called once the batch has been used. */
  dispose?(): void;
}

/** The batches of one epoch. The same epoch must always consist of the same batches: resuming counts on it. */
export interface EpochBatches {
  /** Batches in the epoch. */
  readonly length: number;
  /** One more than the largest class number of all epochs, where it is known: a smaller model is refused before any work. */
  readonly classes?: number;
  /** The rest of the epoch, from a batch on. */
  from(index: number): AsyncIterable<TrainingBatch>;
}

export interface TrainingData {
  /** The batches of an epoch, which count from 0. */
  train(epoch: number): EpochBatches;
  /** Looked at after each epoch, and never learned from. */
  validation?: EpochBatches;
}

/** Refuses what is no source of batches, or has labels of classes that the model does not give. */
export function checkSource(operation: string, name: string, source: EpochBatches, classes: number): void {
  if (typeof source?.from !== 'function' || typeof source.length !== 'number') {
    throw new TrainerError(operation, `${name} must be batches, {length, from}`, source);
  }
  if (source.classes === undefined || source.classes <= classes) return;
  throw new TrainerError(operation, `the model must give the ${source.classes} classes of ${name}`, classes);
}

/** A batch as the step takes it. Whoever makes it disposes of it. */
export interface DeviceBatch {
  readonly size: number;
  readonly images: Tensor;
  /** Distributions of classes, (size, classes), float32. */
  readonly targets: Tensor;
  /** The class of each example, or the weightier one of two. */
  readonly classes: PromiseLike<ArrayLike<number>>;
  dispose(): void;
}

/** Brings a batch to the device, having found out that the model can learn from it. */
export function toDevice(
  operation: string,
  batch: TrainingBatch,
  example: readonly (number | null)[],
  classes: number,
): DeviceBatch {
  try {
    checkBatch(operation, batch, example, classes);
  } catch (error) {
    batch.dispose?.();
    throw error;
  }
  const given = batch.labels instanceof Tensor ? batch.labels : undefined;
  const images = batch.images instanceof Tensor ? batch.images : tensor(batch.images, [...batch.shape!]);
  const size = images.shape[0]!;
  const targets = given ? inFloat32(given) : tensor(distributions(batch, size, classes), [size, classes]);
  return {
    size,
    images,
    targets,
    classes: given ? largestOfRows(given, classes) : Promise.resolve(leadingLabels(batch)),
    dispose() {
      if (images !== batch.images) images.dispose();
      if (targets !== given) targets.dispose();
      batch.dispose?.();
    },
  };
}

function checkBatch(operation: string, batch: TrainingBatch, example: readonly (number | null)[], classes: number) {
  const shape = batch.images instanceof Tensor ? batch.images.shape : batch.shape;
  const fits =
    shape?.length === example.length + 1 && example.every((side, i) => side === null || side === shape[i + 1]);
  if (!fits) {
    const wanted = ['size', ...example.map((side) => side ?? 'any')].join(', ');
    throw new TrainerError(operation, `images must have the shape (${wanted}) that the model takes`, shape);
  }
  const size = shape[0]!;
  const values = shape.reduce((product, side) => product * side, 1);
  if (!(batch.images instanceof Tensor) && batch.images?.length !== values) {
    throw new TrainerError(operation, `images must hold ${values} values`, batch.images?.length);
  }
  const { labels } = batch;
  if (!(labels instanceof Tensor)) return checkLabels(operation, batch, size, classes);
  if (labels.shape.join() !== [size, classes].join()) {
    throw new TrainerError(operation, `labels must have the shape (${size}, ${classes})`, labels.shape);
  }
  if (labels.dtype !== 'float32' && labels.dtype !== 'int32' && labels.dtype !== 'bool') {
    throw new TrainerError(operation, 'labels must be float32, int32 or bool', labels.dtype);
  }
}

function checkLabels(operation: string, batch: TrainingBatch, size: number, classes: number): void {
  const { labels, partnerLabels, weights } = batch as TrainingBatch & { labels: ArrayLike<number> };
  const isClass = (label: number) => Number.isInteger(label) && label >= 0 && label < classes;
  const isShare = (weight: number) => weight >= 0 && weight <= 1;
  const rule = `whole numbers in [0, ${classes})`;
  checkList(operation, 'labels', labels, size, rule, isClass);
  // One without the other says nothing of how much of each there is.
  if ((partnerLabels === undefined) !== (weights === undefined)) {
    const given = partnerLabels ? { partnerLabels } : { weights };
    throw new TrainerError(operation, 'partnerLabels and weights must be given together', given);
  }
  if (!partnerLabels) return;
  checkList(operation, 'partnerLabels', partnerLabels, size, rule, isClass);
  checkList(operation, 'weights', weights, size, 'numbers in [0, 1]', isShare);
}

function checkList(
  operation: string,
  name: string,
  list: ArrayLike<number> | undefined,
  size: number,
  rule: string,
  holds: (value: number) => boolean,
): void {
  if (list?.length !== size) throw new TrainerError(operation, `there must be ${size} ${name}`, list?.length);
  for (let i = 0; i < size; i++) {
    if (!holds(list[i]!)) throw new TrainerError(operation, `${name} must be ${rule}`, list[i]);
  }
}

/** The tensor itself where it is one of float32; otherwise a new one. */
function inFloat32(rows: Tensor): Tensor {
  return rows.dtype === 'float32' ? rows : cast(rows, 'float32');
}

function distributions({ labels, partnerLabels, weights }: TrainingBatch, size: number, classes: number): Float32Array {
  const rows = new Float32Array(size * classes);
  for (let i = 0; i < size; i++) {
    const weight = partnerLabels ? weights![i]! : 1;
    rows[i * classes + (labels as ArrayLike<number>)[i]!] = weight;
    if (partnerLabels) rows[i * classes + partnerLabels[i]!]! += 1 - weight;
  }
  return rows;
}

function leadingLabels({ labels, partnerLabels, weights }: TrainingBatch): ArrayLike<number> {
  const own = labels as ArrayLike<number>;
  if (!partnerLabels) return own;
  return Array.from(own, (label, i) => (weights![i]! >= 0.5 ? label : partnerLabels[i]!));
}

async function largestOfRows(rows: Tensor, classes: number): Promise<number[]> {
  // A reference of its own: the batch may be disposed of before the device has answered.
  const own = rows.clone();
  try {
    return largest(await own.data(), classes);
  } finally {
    own.dispose();
  }
}

/** The number of the largest value in each row. */
export function largest(values: ArrayLike<number>, columns: number): number[] {
  return Array.from({ length: values.length / columns }, (_, row) => {
    let best = 0;
    for (let i = 1; i < columns; i++) if (values[row * columns + i]! > values[row * columns + best]!) best = i;
    return best;
  });
}
