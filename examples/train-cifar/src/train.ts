// One run, from its network to its report.
import type { CifarData } from '@stridelab/cifar-data';
import { modelCost } from '@stridelab/resnet';
import { evaluate, fit, progressLines, readStrides } from '@stridelab/trainer';
import type { Run } from '@stridelab/trainer/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { runData } from './data.ts';
import { longRunHint } from './long-run.ts';
import { type RunResult, writeResult } from './runs.ts';
import type { Settings } from './settings.ts';
import type { StatusLine } from './status-line.ts';

export interface TrainParts {
  run: Run;
  model: LayersModel;
  settings: Settings;
  data: CifarData;
  /** The images lie on the device. */
  onGpu: boolean;
  out(line: string): void;
  status: StatusLine;
  signal: AbortSignal;
}

export interface Ending {
  report: string;
  /** Images trained on in a second, over whole epochs: waiting for data counts. */
  imagesPerSecond: number;
}

const SAMPLES = 24;

/** Trains, evaluates on every test image, and writes what came of it; nothing where the signal ended it before. */
export async function train(parts: TrainParts): Promise<(RunResult & Ending) | undefined> {
  const { run, model, settings, data, out, status, signal } = parts;
  const batches = runData(data, settings, parts.onGpu);
  const write = (line: string) => {
    status.clear();
    out(line);
  };
  const lines = progressLines({ write, overwrite: status.show });
  const hint = settings.network.depth > 8 ? longRunHint(write) : undefined;
  try {
    const trained = await fit(model, batches.training, {
      ...settings.training,
      signal,
      checkpoints: run.checkpoints,
      multiplyAdds: (network) => modelCost(network).multiplyAdds,
      onEvent(event) {
        run.onEvent(event);
        lines(event);
        hint?.(event);
      },
    });
    if (trained.reason === 'aborted') return undefined;
    status.show(`testing on ${data.test.count} images`);
    const evaluation = await evaluate(model, batches.test, { samples: SAMPLES, signal });
    const { accuracy, loss, count: images } = evaluation;
    const { classNames } = batches;
    const { report } = await run.finish(model, { evaluation, classNames });
    const { trainableParameters: parameters, multiplyAdds } = modelCost(model);
    const strides = await readStrides(model, [data.test.height, data.test.width, 3]);
    const seconds = trained.history.reduce((sum, epoch) => sum + epoch.seconds, 0);
    const result = { accuracy, loss, images, parameters, multiplyAdds, strides, seconds };
    writeResult(run.folder, result);
    const trainedOn = trained.history.reduce((sum, epoch) => sum + epoch.imagesPerSecond * epoch.seconds, 0);
    return { ...result, report, imagesPerSecond: trainedOn / seconds };
  } finally {
    status.clear();
    batches.dispose();
  }
}
