import type { LayersModel } from '@tensorflow/tfjs-layers';
import { captureState, checkConfiguration, type LoadedState, restoreWeights, startingProgress } from './checkpoint.ts';
import { checkSource, type TrainingData } from './data.ts';
import { TrainerError } from './errors.ts';
import { checkEvaluated } from './evaluate.ts';
import type { EndReason, EpochEvent } from './events.ts';
import { Loop } from './loop.ts';
import { networkOf } from './network.ts';
import { checkFitOptions, type FitOptions, makeOptimizer, type TrainingSettings, trainingSettings } from './options.ts';

export interface TrainingResult {
  reason: EndReason;
  /** Steps done since the training began, not since it went on. */
  step: number;
  /** One entry for each epoch, those before it went on included. */
  history: EpochEvent[];
  /** The best epoch, counted from 0, by the monitored metric. */
  best: { epoch: number; value: number } | null;
}

/**
 * Trains a classifier. One step is forward, softmax cross-entropy, gradient and an update of all weights at once; the loss
 * is read while the next step runs. With `checkpoints` it goes on where the last one ended, and ends with the weights that
 * it would have had without the interruption.
 *
 * The model takes (size, ...example) and gives (size, classes), logits or softmax's probabilities.
 */
export async function fit(model: LayersModel, data: TrainingData, options: FitOptions): Promise<TrainingResult> {
  if (typeof data?.train !== 'function') throw new TrainerError('fit', 'data must be {train, validation}', data);
  checkFitOptions(options);
  const settings = trainingSettings(options, Boolean(data.validation));
  const network = networkOf('fit', model);
  if (network.variables.length === 0) {
    throw new TrainerError('fit', 'the model must have a weight that can be trained', network.variables);
  }
  const { classes } = network;
  if (data.validation) checkEvaluated('fit', 'data.validation', data.validation, classes);
  const first = data.train(0);
  checkSource('fit', 'data.train(epoch)', first, classes);
  const batches = first.length;
  if (batches < 1)
    throw new TrainerError('fit', 'an epoch must have a batch; is the batch larger than the data?', batches);
  const configuration = configurationOf(settings, batches);
  const loaded = await options.checkpoints?.load((message) => options.onEvent?.({ type: 'notice', message }));
  if (loaded) checkConfiguration(configuration, loaded);

  const optimizer = makeOptimizer(settings);
  try {
    if (loaded) resume(model, loaded, options);
    if (loaded) optimizer.importState(loaded.state.optimizer);
    const progress = loaded ? structuredClone(loaded.state.progress) : startingProgress();
    const capture = () => captureState(configuration, progress, model, optimizer);
    const loop = new Loop({ network, optimizer, data, batches, settings, options, progress, capture });
    const reason = await loop.run();
    return { reason, step: progress.step, history: progress.history, best: progress.best };
  } finally {
    optimizer.dispose();
  }
}

function resume(model: LayersModel, { state, where }: LoadedState, { onEvent }: FitOptions): void {
  restoreWeights(model, state, where);
  const { step, epoch, batch } = state.progress;
  onEvent?.({ type: 'resume', step, epoch, batch, from: where });
}

/** Everything that decides what the weights will be, beside the model and the data. */
function configurationOf(settings: TrainingSettings, batches: number): Record<string, unknown> {
  return JSON.parse(JSON.stringify({ training: settings, batches }));
}
