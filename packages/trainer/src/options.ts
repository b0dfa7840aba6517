// What can be asked of a training, and what is asked when nothing is said.
import { FusedAdam, type FusedOptimizer, FusedSgd } from '@stridelab/train-ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { CheckpointStore } from './checkpoint.ts';
import {
  checkFlag,
  checkFunction,
  checkNumber,
  checkOptions,
  checkSignal,
  checkWholeNumber,
  TrainerError,
} from './errors.ts';
import type { Listener } from './events.ts';
import { checked, constant, type Schedule } from './schedules.ts';

/**
 * How kernels shrink. `l2` adds `rate * sum(kernel^2)` to what is minimized, as Keras's regularizer does; `decoupled` takes
 * `learning rate * rate * kernel` off them beside the update (https://arxiv.org/abs/1711.05101). Kernels are all weights of
 * two or more axes: not biases, not those of batch normalization, not strides. The reported loss is without it.
 */
export interface Decay {
  kind: 'l2' | 'decoupled';
  rate: number;
}

export type OptimizerOptions =
  /** Momentum 0.9, no Nesterov. */
  | { kind: 'sgd'; momentum?: number; nesterov?: boolean; decay?: Decay }
  /** Betas 0.9 and 0.999, epsilon 1e-7. */
  | { kind: 'adam'; beta1?: number; beta2?: number; epsilon?: number; decay?: Decay };

export type Metric = 'loss' | 'accuracy' | 'validationLoss' | 'validationAccuracy';

/** What is learned, and how: plain data, kept in checkpoints and records. */
export interface TrainingOptions {
  epochs: number;
  /** Default SGD with momentum 0.9. */
  optimizer?: OptimizerOptions;
  /** A schedule, or one rate throughout. Default 0.01. */
  schedule?: Schedule | number;
  /** Share of each label that is spread over all classes, in [0, 1). Default 0. */
  labelSmoothing?: number;
  /** Of what TF.js's layers draw at random; `Dropout` of @stridelab/train-ops has a seed of its own. Default 0. */
  seed?: number;
  /** What makes an epoch the best one. Default `validationAccuracy`, and without validation data `loss`. */
  monitor?: Metric;
  /** Stop after `patience` epochs that were not better by more than `minDelta` (default 0). */
  earlyStopping?: { patience: number; minDelta?: number };
}

export interface FitOptions extends TrainingOptions {
  /** Aborting ends the training after the batch at hand, with a checkpoint. */
  signal?: AbortSignal;
  onEvent?: Listener;
  /** Where states are saved, and taken from when the training goes on. */
  checkpoints?: CheckpointStore;
  /** Beside those after each epoch. Default: once a minute. */
  checkpointEvery?: { steps?: number; seconds?: number };
  /**
   * Whether a step is recorded once and replayed, where the backend can do that (@stridelab/webgpu). Default true. A step
   * that cannot be recorded, such as one with TF.js's own dropout, runs as it is, with a notice.
   */
  capture?: boolean;
  /** Multiply-adds of one image, as `modelCost` of @stridelab/resnet counts them. Asked once an epoch. */
  multiplyAdds?: (model: LayersModel) => number;
}

/** {@link TrainingOptions} with nothing left open. */
export type TrainingSettings = Required<Omit<TrainingOptions, 'schedule' | 'earlyStopping'>> & {
  schedule: Schedule;
  earlyStopping: { patience: number; minDelta: number } | null;
};

const OPTIONS: readonly (keyof FitOptions)[] = [
  'epochs',
  'optimizer',
  'schedule',
  'labelSmoothing',
  'seed',
  'monitor',
  'earlyStopping',
  'signal',
  'onEvent',
  'checkpoints',
  'checkpointEvery',
  'capture',
  'multiplyAdds',
];

/** What is asked of `fit` beside the training itself. Names of `model.fit`, such as callbacks, would be ignored without a word. */
export function checkFitOptions(options: FitOptions): void {
  checkOptions('fit', 'options', options, OPTIONS);
  const { signal, onEvent, checkpoints, checkpointEvery, capture, multiplyAdds } = options;
  checkSignal('fit', signal);
  checkFunction('fit', 'onEvent', onEvent);
  checkFunction('fit', 'multiplyAdds', multiplyAdds);
  checkFlag('fit', 'capture', capture);
  if (
    checkpoints !== undefined &&
    ![checkpoints?.load, checkpoints?.save].every((part) => typeof part === 'function')
  ) {
    throw new TrainerError('fit', 'checkpoints must be a store, {load, save}', checkpoints);
  }
  checkOptions('fit', 'checkpointEvery', checkpointEvery ?? {}, ['steps', 'seconds']);
  const { steps, seconds } = checkpointEvery ?? {};
  if (steps !== undefined) checkWholeNumber('fit', 'checkpointEvery.steps', steps, 1);
  if (seconds !== undefined) checkNumber('fit', 'checkpointEvery.seconds', seconds, { open: true });
}

const METRICS: readonly Metric[] = ['loss', 'accuracy', 'validationLoss', 'validationAccuracy'];

export function trainingSettings(options: TrainingOptions, hasValidation: boolean): TrainingSettings {
  const { epochs, optimizer = { kind: 'sgd' }, schedule = 0.01, labelSmoothing = 0, seed = 0 } = options;
  const { monitor = hasValidation ? 'validationAccuracy' : 'loss', earlyStopping } = options;
  checkWholeNumber('fit', 'epochs', epochs, 1);
  checkWholeNumber('fit', 'seed', seed, 0);
  checkNumber('fit', 'labelSmoothing', labelSmoothing, { most: 1 });
  if (!METRICS.includes(monitor)) {
    throw new TrainerError('fit', `monitor must be one of ${METRICS.join(', ')}`, monitor);
  }
  if (monitor.startsWith('validation') && !hasValidation) {
    throw new TrainerError('fit', `data.validation must be given to monitor ${monitor}`, undefined);
  }
  checkEarlyStopping(earlyStopping);
  checkOptimizer(optimizer);
  return {
    epochs,
    optimizer,
    schedule: checked(typeof schedule === 'number' ? constant(schedule) : schedule),
    labelSmoothing,
    seed,
    monitor,
    earlyStopping: earlyStopping ? { minDelta: 0, ...earlyStopping } : null,
  };
}

function checkEarlyStopping(earlyStopping: TrainingOptions['earlyStopping']): void {
  if (earlyStopping === undefined || earlyStopping === null) return;
  checkOptions('fit', 'earlyStopping', earlyStopping, ['patience', 'minDelta']);
  const { patience, minDelta } = earlyStopping;
  checkWholeNumber('fit', 'earlyStopping.patience', patience, 1);
  if (minDelta !== undefined) checkNumber('fit', 'earlyStopping.minDelta', minDelta);
}

const OPTIMIZERS = { sgd: ['momentum', 'nesterov'], adam: ['beta1', 'beta2', 'epsilon'] };

function checkOptimizer(optimizer: OptimizerOptions): void {
  const kind = optimizer?.kind;
  if (!Object.hasOwn(OPTIMIZERS, kind)) throw new TrainerError('fit', "optimizer.kind must be 'sgd' or 'adam'", kind);
  checkOptions('fit', 'optimizer', optimizer, ['kind', ...OPTIMIZERS[kind], 'decay']);
  const { momentum, nesterov, beta1, beta2, epsilon, decay } = optimizer as Partial<Record<string, unknown>>;
  for (const [name, share] of Object.entries({ momentum, beta1, beta2 })) {
    if (share !== undefined) checkNumber('fit', `optimizer.${name}`, share, { most: 1 });
  }
  checkFlag('fit', 'optimizer.nesterov', nesterov);
  if (epsilon !== undefined) checkNumber('fit', 'optimizer.epsilon', epsilon, { open: true });
  checkDecay(decay as Decay | undefined);
}

function checkDecay(decay: Decay | undefined): void {
  if (decay === undefined || decay === null) return;
  checkOptions('fit', 'optimizer.decay', decay, ['kind', 'rate']);
  const { kind, rate } = decay;
  if (kind !== 'l2' && kind !== 'decoupled') {
    throw new TrainerError('fit', "optimizer.decay.kind must be 'l2' or 'decoupled'", kind);
  }
  checkNumber('fit', 'optimizer.decay.rate', rate);
}

/** The optimizer of settings that are known to be good. Whoever makes it disposes of it. */
export function makeOptimizer({ optimizer }: TrainingSettings): FusedOptimizer {
  const { kind, decay, ...rest } = optimizer;
  // The gradient of rate * w^2 is 2 * rate * w.
  const decaying = decay && {
    weightDecay: decay.kind === 'l2' ? 2 * decay.rate : decay.rate,
    decay: decay.kind,
    decays: ({ rank }: { rank: number }) => rank >= 2,
  };
  const options = { learningRate: 0, ...decaying, ...rest };
  return kind === 'adam' ? new FusedAdam(options) : new FusedSgd(options);
}
