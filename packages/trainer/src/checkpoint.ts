// A training at a moment between two steps: everything that the steps after it depend on.
import type { FusedOptimizer, OptimizerState } from '@stridelab/train-ops';
import { type Tensor, tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { CheckpointError } from './errors.ts';
import type { EpochEvent } from './events.ts';
import { checkModel } from './network.ts';

export type WeightValues = Float32Array | Int32Array | Uint8Array;

export interface SavedWeight {
  name: string;
  shape: number[];
  dtype: Tensor['dtype'];
  values: WeightValues;
}

/** Where a training is. Random draws of TF.js's layers are keyed by seed and step, so that these numbers are their state too. */
export interface Progress {
  /** Steps done. */
  step: number;
  /** The epoch at hand, from 0, and how many of its batches are done. */
  epoch: number;
  batch: number;
  /** Of the batches of this epoch that are done. */
  sums: { loss: number; correct: number; images: number; seconds: number };
  /** Of the epochs that are done. */
  history: EpochEvent[];
  best: { epoch: number; value: number } | null;
  /** Where steps are recorded and replayed: the strides that the next one goes by, for each layer that learns them. */
  strides?: number[][];
}

export interface TrainingState {
  /** What must be the same for the training to go on. */
  configuration: Record<string, unknown>;
  progress: Progress;
  /** Of the whole model in its order, moving statistics of batch normalization included. */
  weights: SavedWeight[];
  optimizer: OptimizerState;
}

export interface LoadedState {
  state: TrainingState;
  /** For people: a file. */
  where: string;
}

/** Where states are kept. `@stridelab/trainer/node` keeps them in files. */
export interface CheckpointStore {
  /** The newest sound state; tells of each one that was not. */
  load(onNotice: (message: string) => void): Promise<LoadedState | undefined>;
  /** Keeps a state, as the best one too if it is; gives its place, for people. */
  save(state: TrainingState, best: boolean): Promise<string>;
}

export function startingProgress(): Progress {
  return { step: 0, epoch: 0, batch: 0, sums: emptySums(), history: [], best: null };
}

export function emptySums(): Progress['sums'] {
  return { loss: 0, correct: 0, images: 0, seconds: 0 };
}

/** Copies every weight of a model. */
async function readWeights(model: LayersModel): Promise<SavedWeight[]> {
  return await Promise.all(
    model.weights.map(async (weight) => {
      const value = weight.read();
      // A copy: on some backends `data` hands out the memory that the tensor lies in.
      const values = (await value.data()).slice() as WeightValues;
      return { name: weight.originalName, shape: value.shape, dtype: value.dtype, values };
    }),
  );
}

/** Gives a model the weights of a state. Those of a model of another shape are refused before any is written. */
export function restoreWeights(model: LayersModel, state: Pick<TrainingState, 'weights'>, where = 'the state'): void {
  checkModel('restoreWeights', model);
  const weights = state?.weights;
  if (!Array.isArray(weights)) throw new CheckpointError('restoreWeights', 'state must hold a list of weights', state);
  const own = model.weights.map((weight) => weight.read() as Variable);
  const shapes = (list: readonly { shape: number[]; dtype: string }[]) =>
    list.map(({ shape, dtype }) => `${dtype} [${shape.join(', ')}]`);
  const [wanted, found] = [shapes(own), shapes(weights)];
  const at = wanted.length === found.length ? wanted.findIndex((shape, i) => shape !== found[i]) : wanted.length;
  if (wanted.length !== found.length) {
    throw new CheckpointError(
      'restoreWeights',
      `${where} must hold the model's ${wanted.length} weights`,
      found.length,
    );
  }
  if (at >= 0) {
    const rule = `weight ${at} (${model.weights[at]!.originalName}) in ${where} must be ${wanted[at]}`;
    throw new CheckpointError('restoreWeights', rule, found[at]);
  }
  for (const [i, variable] of own.entries()) {
    const { values, shape, dtype } = weights[i]!;
    tidy(() => variable.assign(tensor(values, shape, dtype)));
  }
}

/** Refuses a state whose training was another one, and says in what. */
export function checkConfiguration(configuration: TrainingState['configuration'], { state, where }: LoadedState): void {
  const difference = firstDifference(configuration, state.configuration);
  if (!difference) return;
  const { path, wanted, found } = difference;
  throw new CheckpointError('fit', `${path} of ${where} must be ${JSON.stringify(wanted)}, as in this training`, found);
}

interface Difference {
  path: string;
  wanted: unknown;
  found: unknown;
}

/** The first place in which two pieces of JSON are not alike. */
export function firstDifference(wanted: unknown, found: unknown, path = ''): Difference | undefined {
  const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  if (!isTree(wanted) || !isTree(found)) return Object.is(wanted, found) ? undefined : { path, wanted, found };
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    const difference = firstDifference(wanted[key], found[key], path ? `${path}.${key}` : key);
    if (difference) return difference;
  }
  return undefined;
}

export async function captureState(
  configuration: TrainingState['configuration'],
  progress: Progress,
  model: LayersModel,
  optimizer: FusedOptimizer,
): Promise<TrainingState> {
  const [weights, slots] = await Promise.all([readWeights(model), optimizer.exportState()]);
  return { configuration, progress: structuredClone(progress), weights, optimizer: slots };
}
