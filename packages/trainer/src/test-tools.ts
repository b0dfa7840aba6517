// What this package's tests share: a small network with all that a state must hold, and data that it can learn.
import { randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { type ArrayDataOptions, arrayData } from './array-data.ts';
import type { CheckpointStore, TrainingState } from './checkpoint.ts';
import type { TrainingData } from './data.ts';
import type { TrainingEvent } from './events.ts';

const SIDE = 6;

/** Batch norm, dropout and a regularized kernel: (size, 6, 6, 1) to (size, 3). Not convolutions, which wasm cannot train. */
export function smallModel({
  activation = undefined as 'softmax' | undefined,
  dropout = tfl.layers.dropout({ rate: 0.2 }) as tfl.layers.Layer | null,
  units = 8,
} = {}) {
  const { glorotUniform } = tfl.initializers;
  return tfl.sequential({
    layers: [
      tfl.layers.flatten({ inputShape: [SIDE, SIDE, 1] }),
      tfl.layers.dense({ units, kernelInitializer: glorotUniform({ seed: 3 }) }),
      tfl.layers.batchNormalization({ momentum: 0.9 }),
      tfl.layers.activation({ activation: 'relu' }),
      ...(dropout ? [dropout] : []),
      tfl.layers.dense({ units: 3, kernelInitializer: glorotUniform({ seed: 4 }), activation }),
    ],
  });
}

/** Examples whose class shows in which rows are bright, under noise. */
export function examples(count: number, seed = 1): Pick<ArrayDataOptions, 'images' | 'labels' | 'shape'> {
  const noise = randomValues(count * SIDE * SIDE, seed);
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  const images = Float32Array.from(noise, (value, at) => {
    const example = Math.floor(at / (SIDE * SIDE));
    const row = Math.floor(at / SIDE) % SIDE;
    return value + (row % 3 === labels[example] ? 1 : 0);
  });
  return { images, labels, shape: [SIDE, SIDE, 1] };
}

export function smallData(count = 48, batchSize = 8): TrainingData {
  return arrayData({ ...examples(count), batchSize, seed: 5, validationSplit: 0.25 });
}

/** States in memory. */
export function memoryStore(): CheckpointStore & { states: TrainingState[]; best: TrainingState | undefined } {
  return {
    states: [],
    best: undefined,
    async load() {
      const state = this.states.at(-1);
      return state && { state: structuredClone(state), where: `memory ${this.states.length - 1}` };
    },
    async save(state, best) {
      this.states.push(structuredClone(state));
      if (best) this.best = state;
      return `memory ${this.states.length - 1}`;
    },
  };
}

export function recorder(): { events: TrainingEvent[]; onEvent: (event: TrainingEvent) => void } {
  const events: TrainingEvent[] = [];
  return { events, onEvent: (event) => void events.push(event) };
}

export function ofType<T extends TrainingEvent['type']>(events: readonly TrainingEvent[], type: T) {
  return events.filter((event): event is Extract<TrainingEvent, { type: T }> => event.type === type);
}

/** Every weight's bits. */
export async function weightBits(model: tfl.LayersModel): Promise<number[][]> {
  const values = await Promise.all(model.getWeights().map((weight) => weight.data()));
  return values.map((list) => [...new Uint32Array(Float32Array.from(list).buffer)]);
}

/** A layer that learns its stride the way DiffStride does, as far as a trainer can see. */
export class ToyStride extends tfl.layers.Layer {
  static readonly className = 'ToyStride';
  private stride: ReturnType<tfl.layers.Layer['addWeight']> | undefined;

  override build(): void {
    this.stride = this.addWeight('strides', [2], 'float32', tfl.initializers.constant({ value: 2 }));
    this.built = true;
  }

  async readStrides(): Promise<number[]> {
    return [...(await this.stride!.read().data())];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    return tf.tidy(() => tf.mul(tf.avgPool(x, 4, 2, 'same'), tf.mean(this.stride!.read())));
  }

  override computeOutputShape(shape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [size, height, width, channels] = shape as number[];
    return [size!, height! / 2, width! / 2, channels!];
  }
}
