// The whole public API, but for what needs files: that is in ./node.ts.
export { type ArrayDataOptions, arrayData } from './array-data.ts';
export {
  type CheckpointStore,
  type LoadedState,
  type Progress,
  restoreWeights,
  type SavedWeight,
  type TrainingState,
} from './checkpoint.ts';
export type { EpochBatches, TrainingBatch, TrainingData } from './data.ts';
export { CheckpointError, DivergedError, TrainerError } from './errors.ts';
export { type EvaluateOptions, type Evaluation, evaluate, type Sample } from './evaluate.ts';
export type { EndReason, EpochEvent, Listener, StepEvent, StrideReading, TrainingEvent } from './events.ts';
export { fit, type TrainingResult } from './fit.ts';
export type { Decay, FitOptions, Metric, OptimizerOptions, TrainingOptions } from './options.ts';
export { PRESETS, type Preset, type PresetName } from './presets.ts';
export { type ProgressLinesOptions, progressLines } from './progress-lines.ts';
export { constant, cosine, learningRateAt, piecewise, type Schedule, warmUp } from './schedules.ts';
export { readStrides } from './strides.ts';
