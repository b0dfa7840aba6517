// What a training reads: any source of batches that can begin an epoch anew and go on in the middle of one. The batches of
// @stridelab/cifar-data are such a source as they are, on the host or on the device.
import { Tensor, tensor } from '@tensorflow/tfjs-core';
import { TrainerError } from './errors.ts';

/** Some labelled examples. */
export interface TrainingBatch {
  /** (size, ...example). Not needed where `images` is a tensor. */
  readonly shape?: readonly number[];
  readonly images: Float32Array | Tensor;
  /** Class numbers (size), or as a tensor the distributions of classes (size, classes). */
  readonly labels: ArrayLike<number> | Tensor;
  /** With mixup: class numbers of the partners. */
  readonly partnerLabels?: ArrayLike<number>;
  /** With mixup: the weight of each label; its partner's is one less it. */
  readonly weights?: ArrayLike<number>;
  /** Called once the batch has been used. */
  dispose?(): void;
}

/** The batches of one epoch. The same epoch must always consist of the same batches: resuming counts on it. */
export interface EpochBatches {
  /** Batches in the epoch. */
  readonly length: number;
  /** The rest of the epoch, from a batch on. */
  from(index: number): AsyncIterable<TrainingBatch>;
}

export interface TrainingData {
  /** The batches of an epoch, which count from 0. */
  train(epoch: number): EpochBatches;
  /** Looked at after each epoch, and never learned from. */
  validation?: EpochBatches;
}

/** A batch as the step takes it. Whoever makes it disposes of it. */
export interface DeviceBatch {
  readonly size: number;
  readonly images: Tensor;
  /** Distributions of classes, (size, classes). */
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
  const targets = given ?? tensor(distributions(batch, size, classes), [size, classes]);
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
  if (!(batch.images instanceof Tensor) && batch.images.length !== values) {
    throw new TrainerError(operation, `images must hold ${values} values`, batch.images.length);
  }
  if (!(batch.labels instanceof Tensor)) {
    for (const labels of [batch.labels, batch.partnerLabels]) checkLabels(operation, labels, size, classes);
  } else if (batch.labels.shape.join() !== [size, classes].join()) {
    throw new TrainerError(operation, `labels must have the shape (${size}, ${classes})`, batch.labels.shape);
  }
}

function checkLabels(
  operation: string,
  labels: TrainingBatch['partnerLabels'] | Tensor,
  size: number,
  classes: number,
) {
  if (labels === undefined || labels instanceof Tensor) return;
  if (labels.length !== size) throw new TrainerError(operation, `there must be ${size} labels`, labels.length);
  for (let i = 0; i < size; i++) {
    const label = labels[i]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new TrainerError(operation, `labels must be whole numbers in [0, ${classes})`, label);
  }
}

function distributions({ labels, partnerLabels, weights }: TrainingBatch, size: number, classes: number): Float32Array {
  const rows = new Float32Array(size * classes);
  for (let i = 0; i < size; i++) {
    const weight = partnerLabels ? (weights?.[i] ?? 0.5) : 1;
    rows[i * classes + (labels as ArrayLike<number>)[i]!] = weight;
    if (partnerLabels) rows[i * classes + partnerLabels[i]!]! += 1 - weight;
  }
  return rows;
}

function leadingLabels({ labels, partnerLabels, weights }: TrainingBatch): ArrayLike<number> {
  const own = labels as ArrayLike<number>;
  if (!partnerLabels) return own;
  return Array.from(own, (label, i) => ((weights?.[i] ?? 0.5) >= 0.5 ? label : partnerLabels[i]!));
}

async function largestOfRows(rows: Tensor, classes: number): Promise<number[]> {
  return largest(await rows.data(), classes);
}

/** The number of the largest value in each row. */
export function largest(values: ArrayLike<number>, columns: number): number[] {
  return Array.from({ length: values.length / columns }, (_, row) => {
    let best = 0;
    for (let i = 1; i < columns; i++) if (values[row * columns + i]! > values[row * columns + best]!) best = i;
    return best;
  });
}
