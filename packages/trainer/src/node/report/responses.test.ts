import { DiffStride } from '@stridelab/diffstride';
import { forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { responses } from './responses.ts';

/** The mean of each pixel and its neighbour around the circle, along one axis: |cos(pi k / n)| of frequency k. */
class Neighbours extends tfl.layers.Layer {
  static readonly className = 'Neighbours';
  private readonly axis: number;

  constructor(axis: number) {
    super({});
    this.axis = axis;
  }

  async readStrides(): Promise<number[]> {
    return [1, 1];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    const size = x.shape[this.axis]!;
    const order = tf.tensor1d(
      Array.from({ length: size }, (_, i) => (i + 1) % size),
      'int32',
    );
    return tf.mul(tf.add(x, tf.gather(x, order, this.axis)), 0.5);
  }
}

/** Keeps the middle and nothing around it. */
class Middle extends tfl.layers.Layer {
  static readonly className = 'Middle';

  async readStrides(): Promise<number[]> {
    return [256, 256];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.slice(Array.isArray(inputs) ? inputs[0]! : inputs, [0, 256, 256, 0], [1, 2, 2, 1]);
  }
}

const modelOf = (layer: tfl.layers.Layer, shape: number[]) => {
  const input = tfl.input({ shape });
  return tfl.model({ inputs: input, outputs: layer.apply(input) as tfl.SymbolicTensor });
};

forEachBackend(() => {
  it('measures the mask of a layer', async () => {
    const before = tf.memory().numTensors;
    for (const [axis, factor] of [
      [1, (row: number, _: number) => Math.abs(Math.cos((Math.PI * (row - 3)) / 6))],
      [2, (_: number, column: number) => Math.abs(Math.cos((Math.PI * column) / 5))],
    ] as const) {
      const [found] = await responses(modelOf(new Neighbours(axis), [6, 5, 2]), [6, 5, 2]);
      expect(found).toMatchObject({ rows: 6, columns: 3, zeroRow: 3 });
      found!.weights.forEach((weight, i) => {
        expect(weight).toBeCloseTo(factor(Math.floor(i / 3), i % 3), 2);
      });
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('measures the mask that the paper defines for DiffStride', async () => {
    const [side, smoothness, strides] = [16, 2, [2, 1.6]] as const;
    const layer = new DiffStride({ strides: [...strides], smoothnessFactor: smoothness });
    const [found] = await responses(modelOf(layer, [side, side, 3]), [side, side, 3]);
    const ramp = (kept: number, position: number) =>
      Math.min(Math.max((smoothness + kept - position) / smoothness, 0), 1);
    // The published row mask lies half a row off centre; the columns reach one further than the rows.
    const row = (frequency: number) => ramp(side / strides[0] / 2, frequency < 0 ? -frequency - 1 : frequency);
    const column = (frequency: number) => ramp(side / strides[1] / 2 + 1, frequency);
    const { rows, columns, zeroRow, weights } = found!;
    let compared = 0;
    for (let i = 0; i < rows; i++) {
      // In column 0 and in the last one that is kept, 7, the two halves of a real image's spectrum meet.
      for (const k of [1, 2, 3, 4, 5, 6, 8]) {
        compared++;
        expect(weights[i * columns + k], `row ${i}, column ${k}`).toBeCloseTo(row(i - zeroRow) * column(k), 2);
      }
    }
    expect([compared, columns]).toEqual([16 * 7, 9]);
  });

  it('measures that of a signal, and none of an image of unknown size', async () => {
    const [found] = await responses(modelOf(new Neighbours(1), [8, 1]), [8, 1]);
    expect(found).toMatchObject({ rows: 1, columns: 5, zeroRow: 0 });
    expect(found!.weights[2]).toBeCloseTo(Math.SQRT1_2, 3);
    expect(await responses(modelOf(new Neighbours(1), [8, 1]), [null, 1])).toEqual([]);
  });

  it('measures that of an image with more frequencies than a function takes arguments', async () => {
    const [found] = await responses(modelOf(new Middle({}), [512, 512, 1]), [512, 512, 1]);
    expect(found!.weights).toHaveLength(512 * 257);
    expect(found!.weights[256 * 257]).toBe(1);
  });
}, ['cpu']);
