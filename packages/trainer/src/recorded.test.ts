// Steps that are recorded once and replayed, by @stridelab/webgpu: they end where steps as they are end.
import { DiffStride } from '@stridelab/diffstride';
import { openTestBackend } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import { Dropout } from '@stridelab/train-ops';
import { captureStep, registerWebgpuTraining } from '@stridelab/webgpu/training';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { CAPTURE_STEP, type CaptureStep } from './capture.ts';
import { DivergedError } from './errors.ts';
import { fit } from './fit.ts';
import type { FitOptions } from './options.ts';
import { memoryStore, ofType, recorder, smallData, smallModel, ToyStride, weightBits } from './test-tools.ts';

beforeAll(async () => {
  await openTestBackend('webgpu');
  registerWebgpuTraining();
});
afterEach(async () => {
  expect(await takeGpuErrors()).toEqual([]);
});

const options: FitOptions = { epochs: 2, schedule: { kind: 'cosine', rate: 0.05 }, labelSmoothing: 0.1 };
const statistics: { replays: number; recordings: number; bytes: number }[] = [];

/** Puts something in the place of what the backend has. */
async function through<T>(capture: CaptureStep, work: () => Promise<T>): Promise<T> {
  const backend = tf.backend() as { [CAPTURE_STEP]?: CaptureStep };
  Object.defineProperty(backend, CAPTURE_STEP, { value: capture, configurable: true });
  try {
    return await work();
  } finally {
    delete backend[CAPTURE_STEP];
  }
}

const watched: CaptureStep = (step, given) => {
  const captured = captureStep(step, given);
  const wrapped = (...inputs: Parameters<typeof step>) => captured(...inputs);
  const dispose = () => {
    statistics.push(captured.statistics);
    captured.dispose();
  };
  return Object.assign(wrapped, { dispose });
};
/** Each step by itself. Of numbers on the host TF.js computes there, in float64, what it would compute on the device. */
const asItIs: CaptureStep = (step, { key }) => {
  const run = (...inputs: Parameters<typeof step>) => {
    key();
    const { uploadToGPU } = tf.backend() as unknown as { uploadToGPU(dataId: object): void };
    for (const { dataId } of inputs) uploadToGPU.call(tf.backend(), dataId);
    return step(...inputs);
  };
  return Object.assign(run, { dispose() {} });
};

/** What a training comes to, apart from the time that it took. */
async function outcome(make: () => tfl.LayersModel, given: FitOptions = options) {
  const { events, onEvent } = recorder();
  const model = make();
  await fit(model, smallData(48), { ...given, onEvent });
  const timeless = events.map((event) => ({
    ...event,
    imagesPerSecond: 0,
    seconds: 0,
    secondsLeft: 0,
  }));
  return { events: timeless, bits: await weightBits(model) };
}

const plain = () => smallModel({ dropout: null });
const dropping = () => smallModel({ dropout: new Dropout({ rate: 0.2, seed: 7 }) });

/** Its strides move by enough to change the size of its map. */
function strided(): tfl.LayersModel {
  const { glorotUniform } = tfl.initializers;
  return tfl.sequential({
    layers: [
      new DiffStride({ name: 'first', strides: 2.97, smoothnessFactor: 1, inputShape: [6, 6, 1] }),
      tfl.layers.activation({ activation: 'relu' }),
      new DiffStride({ name: 'second', strides: 1.2, smoothnessFactor: 1 }),
      tfl.layers.globalAveragePooling2d({}),
      tfl.layers.dense({ units: 3, kernelInitializer: glorotUniform({ seed: 1 }) }),
    ],
  });
}

const adam: FitOptions = { ...options, optimizer: { kind: 'adam', decay: { kind: 'decoupled', rate: 0.01 } } };

it.each<[string, () => tfl.LayersModel, FitOptions]>([
  ['sgd', plain, options],
  ['adam', plain, adam],
  ['dropout', dropping, options],
])('ends with the same weights and tells the same: %s', async (_, make, given) => {
  const recorded = await through(watched, () => outcome(make, given));
  expect(statistics.at(-1)!.replays).toBeGreaterThan(0);
  expect(recorded).toEqual(await through(asItIs, () => outcome(make, given)));
});

it('follows strides that are learned, and records anew where a map changes its size', async () => {
  const given: FitOptions = { ...options, epochs: 5, schedule: 1 };
  const recorded = await through(watched, () => outcome(strided, given));
  const { replays, recordings } = statistics.at(-1)!;
  expect(replays).toBeGreaterThan(0);
  // Of whole batches and of those that end an epoch, at two sizes.
  expect(recordings).toBeGreaterThan(2);
  const epochs = ofType(recorded.events as never, 'epoch');
  expect(epochs.at(-1)!.strides[0]!.to).not.toEqual(epochs[0]!.strides[0]!.to);
  expect(recorded).toEqual(await through(asItIs, () => outcome(strided, given)));
});

it('ends in the loss that is no number where strides are told that are none', async () => {
  const model = strided();
  const { events, onEvent } = recorder();
  const training = fit(model, smallData(48), {
    ...options,
    onEvent: (event) => {
      onEvent(event);
      if (event.type !== 'step' || event.step !== 2) return;
      tf.tidy(() => model.setWeights(model.getWeights().map(({ shape }) => tf.fill(shape, Number.NaN))));
    },
  });
  const failure = await training.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DivergedError);
  expect((failure as DivergedError).step).toBe(3);
  expect(ofType(events, 'step')).toHaveLength(3);
});

it('hears of an error that the last read of the strides meets', async () => {
  const model = strided();
  const checkpoints = memoryStore();
  const data = vi.spyOn((model.layers[0] as DiffStride).strides, 'data');
  const { length } = smallData(48).train(0);
  const training = fit(model, smallData(48), {
    ...options,
    epochs: 1,
    checkpoints,
    onEvent: (event) => {
      // It is told of when the last step has run, whose strides are read next.
      if (event.type === 'step' && event.step === length - 1) data.mockRejectedValueOnce(new Error('no room'));
    },
  });
  await expect(training).rejects.toThrow('no room');
  expect(checkpoints.states).toEqual([]);
});

it('goes on bit for bit wherever it was interrupted', async () => {
  for (const [make, places] of [
    [plain, [1, 3, 5, 8]],
    [strided, [6]],
    [dropping, [5]],
  ] as const) {
    const whole = await outcome(make);
    for (const at of places) {
      const checkpoints = memoryStore();
      const stop = new AbortController();
      await fit(make(), smallData(48), {
        ...options,
        checkpoints,
        signal: stop.signal,
        onEvent: (event) => {
          if (event.type === 'step' && event.step === at) stop.abort();
        },
      });
      const resumed = make();
      await fit(resumed, smallData(48), { ...options, checkpoints });
      expect(await weightBits(resumed)).toEqual(whole.bits);
    }
  }
});

it('runs a step as it is that cannot be recorded, or shall not be, and says so once', async () => {
  const drawing = await through(watched, () => outcome(smallModel)); // TF.js's own dropout draws by Math.random
  const notices = ofType(drawing.events as never, 'notice').map(({ message }) => message);
  expect(notices).toHaveLength(1);
  expect(notices[0]).toMatch(/^steps are not recorded: webgpu\.captureStep: what the host computes must be the same/);
  expect(ofType(drawing.events as never, 'end')[0]!.reason).toBe('finished');

  const toy = () =>
    tfl.sequential({
      layers: [
        new ToyStride({ name: 'toy', inputShape: [6, 6, 1] }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 3 }),
      ],
    });
  const strange = await outcome(toy);
  expect(ofType(strange.events as never, 'notice')[0]!.message).toBe(
    'steps are not recorded: layer toy learns strides that it cannot be told (followStrides)',
  );

  const count = statistics.length;
  await through(watched, () => outcome(plain, { ...options, capture: false }));
  expect(statistics).toHaveLength(count);
});

it('leaves no tensor behind', async () => {
  const models = [plain(), strided()];
  for (const model of models) {
    await fit(model, smallData(48), options);
    const { numTensors, numDataBuffers } = tf.memory();
    await fit(model, smallData(48), options);
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  }
});
