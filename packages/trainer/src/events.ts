// Everything that a training has to say, as one stream: the progress lines, the log and the report all read it.

/** The strides of one layer at a moment, and the sizes of the maps that it takes and gives. */
export interface StrideReading {
  layer: string;
  /** [height, width], or one number for both or for a signal. */
  strides: number[];
  /** Whether the strides are learned. */
  learned: boolean;
  /** Sides of the map that goes in, without batch and channels. */
  from: number[];
  /** Sides of the map that comes out. */
  to: number[];
}

export interface StepEvent {
  type: 'step';
  /** Steps done, this one included. */
  step: number;
  epoch: number;
  /** Batches of this epoch done, this one included, of `batches`. */
  batch: number;
  batches: number;
  /** Of this batch, penalties of layers included. */
  loss: number;
  /** Part of this batch that was recognized. With mixup, as the weightier of the two classes. */
  accuracy: number;
  learningRate: number;
  imagesPerSecond: number;
  /** Until the last step, at this speed. */
  secondsLeft: number;
}

export interface EpochEvent {
  type: 'epoch';
  /** From 0. */
  epoch: number;
  epochs: number;
  /** Steps done since the training began. */
  step: number;
  /** Means over the epoch's images, taken while it learned. */
  loss: number;
  accuracy: number;
  validationLoss?: number;
  validationAccuracy?: number;
  /** Of the epoch's last step. */
  learningRate: number;
  strides: StrideReading[];
  /** Multiply-adds of one image at these strides. */
  multiplyAdds?: number;
  imagesPerSecond: number;
  seconds: number;
  secondsLeft: number;
  /** It is the best one so far. */
  best: boolean;
}

export type TrainingEvent =
  | {
      type: 'start';
      epochs: number;
      batches: number;
      /** Where it begins: not 0 where it resumes. */
      step: number;
      totalSteps: number;
      trainableParameters: number;
      backend: string;
      strides: StrideReading[];
      multiplyAdds?: number;
    }
  | { type: 'resume'; step: number; epoch: number; batch: number; from: string }
  /** Something a person should know, and that did not stop the training. */
  | { type: 'notice'; message: string }
  | StepEvent
  | EpochEvent
  | { type: 'checkpoint'; step: number; where: string; best: boolean }
  /** `diverged`: the loss is no longer a number. `step` counts those whose loss was one; `fit` then throws. */
  | { type: 'end'; step: number; reason: EndReason | 'diverged' };

/** `finished`: every epoch is done. `early-stop`: it no longer improved. `aborted`: its signal was. */
export type EndReason = 'finished' | 'early-stop' | 'aborted';

export type Listener = (event: TrainingEvent) => void;
