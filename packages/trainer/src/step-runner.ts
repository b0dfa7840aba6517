// Runs steps: each by itself, or where the backend can, recorded once and replayed.
import type { FusedOptimizer } from '@stridelab/train-ops';
import { type Scalar, scalar, type Tensor } from '@tensorflow/tfjs-core';
import { type CaptureStep, captureOfBackend } from './capture.ts';
import type { Progress } from './checkpoint.ts';
import type { DeviceBatch } from './data.ts';
import type { Listener } from './events.ts';
import type { Network } from './network.ts';
import { type StepResult, trainStep } from './step.ts';
import { StrideFollower } from './stride-follower.ts';
import { downsamplingLayers, learns } from './strides.ts';

export interface StepRunner {
  /** Moves the weights by one batch; `step` counts from 0. The caller disposes of both tensors. */
  run(batch: DeviceBatch, learningRate: number, step: number): StepResult;
  /** To be awaited between two steps. */
  afterStep(): Promise<void>;
  /** Waits until the strides that are being read are there: whoever reads a device may be the only one to hear of an error. */
  settle(): Promise<void>;
  dispose(): void;
}

interface RunnerParts {
  network: Network;
  optimizer: FusedOptimizer;
  labelSmoothing: number;
  progress: Progress;
  onEvent: Listener | undefined;
  capture: boolean;
}

export async function stepRunner(parts: RunnerParts): Promise<StepRunner> {
  const capture = parts.capture ? captureOfBackend() : undefined;
  if (!capture) return plainRunner(parts);
  const follower = new StrideFollower(parts.network.model);
  const { stranger } = follower;
  if (stranger) {
    const message = `steps are not recorded: layer ${stranger} learns strides that it cannot be told (followStrides)`;
    parts.onEvent?.({ type: 'notice', message });
    return plainRunner(parts);
  }
  await follower.begin(parts.progress.strides);
  return recordedRunner(parts, capture, follower);
}

function plainRunner({ network, optimizer, labelSmoothing }: RunnerParts): StepRunner {
  return {
    run(batch, learningRate) {
      optimizer.learningRate = learningRate;
      return trainStep(network, optimizer, batch, labelSmoothing);
    },
    async afterStep() {},
    async settle() {
      const learned = downsamplingLayers(network.model).filter(learns);
      await Promise.all(learned.map((layer) => layer.readStrides()));
    },
    dispose() {},
  };
}

function recordedRunner(parts: RunnerParts, capture: CaptureStep, follower: StrideFollower): StepRunner {
  const { network, optimizer, labelSmoothing, progress, onEvent } = parts;
  const step = (images: Tensor, targets: Tensor, rate: Scalar, count: Scalar) => {
    // What is another number in each step comes as a tensor, since all other numbers are recorded.
    optimizer.learningRate = rate;
    optimizer.step = count;
    return { ...trainStep(network, optimizer, { images, targets }, labelSmoothing) };
  };
  let example: number[] = [];
  const captured = capture(step as (...inputs: Tensor[]) => ReturnType<typeof step>, {
    key: () => follower.key(example),
    onRefused: ({ message }) => onEvent?.({ type: 'notice', message: `steps are not recorded: ${message}` }),
  });
  return {
    run({ images, targets }, learningRate, at) {
      example = images.shape.slice(1);
      const [rate, count] = [scalar(learningRate), scalar(at + 1)];
      try {
        return captured(images, targets, rate, count);
      } finally {
        rate.dispose();
        count.dispose();
        optimizer.learningRate = learningRate;
        optimizer.step = undefined;
        optimizer.iterations = at + 1; // a replay does not go through the optimizer
      }
    },
    async afterStep() {
      await follower.advance();
      if (follower.values.length) progress.strides = follower.values;
    },
    settle: () => follower.settle(),
    dispose() {
      captured.dispose();
      follower.end();
    },
  };
}
