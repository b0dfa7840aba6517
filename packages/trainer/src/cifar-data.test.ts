// The batches of @stridelab/cifar-data are a source of data as they are, on the host and on the device, with every preset.
import { type BatchOptions, batches, splitValidation, syntheticCifar } from '@stridelab/cifar-data';
import { residentSplit, tensorBatches } from '@stridelab/cifar-data/tensors';
import { forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import type { TrainingData } from './data.ts';
import { fit } from './fit.ts';
import { PRESETS, type PresetName } from './presets.ts';
import { memoryStore, ofType, recorder, weightBits } from './test-tools.ts';

const cifar = syntheticCifar({ train: 96, test: 10, size: 8 });
const { train, validation } = splitValidation(cifar.train, 16, 1);

const model = () =>
  tfl.sequential({
    layers: [
      tfl.layers.flatten({ inputShape: [8, 8, 3] }),
      tfl.layers.dense({ units: 10, kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }) }),
    ],
  });

forEachBackend(() => {
  it.each(Object.keys(PRESETS) as PresetName[])('trains by the preset %s, and goes on in the middle', async (name) => {
    const { training, data } = PRESETS[name];
    const options: BatchOptions = { ...data, batchSize: 8, seed: 3 };
    const resident = residentSplit(train);
    const sources: Record<string, TrainingData> = {
      host: { train: (epoch) => batches(train, { ...options, epoch }), validation: batches(validation) },
      tensors: { train: (epoch) => tensorBatches(train, { ...options, epoch }), validation: batches(validation) },
      resident: { train: (epoch) => resident.batches({ ...options, epoch }), validation: batches(validation) },
    };
    const losses: number[][] = [];
    for (const source of Object.values(sources)) {
      const before = tf.memory().numTensors;
      const { events, onEvent } = recorder();
      const whole = model();
      const made = tf.memory().numTensors - before;
      await fit(whole, source, { ...training, epochs: 2, onEvent });
      expect(tf.memory().numTensors - before).toBe(made);
      losses.push(ofType(events, 'step').map(({ loss }) => loss));

      const [checkpoints, stop, resumed] = [memoryStore(), new AbortController(), model()];
      const abort = ({ type }: { type: string }) => type === 'step' && stop.abort();
      await fit(model(), source, { ...training, epochs: 2, checkpoints, signal: stop.signal, onEvent: abort });
      await fit(resumed, source, { ...training, epochs: 2, checkpoints });
      expect(await weightBits(resumed)).toEqual(await weightBits(whole));
    }
    for (const [i, loss] of losses[0]!.entries()) {
      expect(losses[1]![i]).toBe(loss);
      expect(losses[2]![i]).toBeCloseTo(loss, 3);
    }
    resident.dispose();
  });
}, ['cpu']);
