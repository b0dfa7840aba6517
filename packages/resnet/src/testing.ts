// What the tests of this package share.
import { randomTensor } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

export function trainableParameters(model: tfl.LayersModel): number {
  const sizes = model.trainableWeights.map(({ shape }) => tf.util.sizeFromShape(shape as number[]));
  return sizes.reduce((total, size) => total + size, 0);
}

/** Gives every weight a value of its own: statistics and gammas that start alike would hide mistakes. */
export function drawWeights(model: tfl.LayersModel): void {
  tf.tidy(() =>
    model.setWeights(
      model.weights.map((weight, i) => {
        const value = weight.read();
        const drawn = tf.mul(randomTensor(value.shape, i + 1), 0.3);
        return value.rank === 1 ? tf.add(tf.abs(drawn), 0.5) : value.size ? tf.mul(drawn, 0.5) : drawn;
      }),
    ),
  );
}

/** Through JSON and bytes, as files would go. */
export async function saveAndLoad(model: tfl.LayersModel): Promise<tfl.LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  const { modelTopology, weightSpecs } = JSON.parse(JSON.stringify(saved));
  return tfl.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData: saved!.weightData }));
}

/** Means of 2x2 pixels with two trainable weights for the look of it; its output's size is unknown beforehand. */
export class StandInPool extends tfl.layers.Layer {
  /** @nocollapse */
  static className = 'StandInPool';
  readonly linearPerChannel = true;

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    this.addWeight('strides', [2], 'float32', tfl.initializers.ones());
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    const strides = this.weights[0]!.read();
    return tf.tidy(() => tf.mul(tf.avgPool(x, 2, 2, 'same'), tf.mean(strides)));
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const shape = inputShape as tfl.Shape;
    return [shape[0]!, null, null, shape.at(-1)!];
  }
}

/** A safetensors file of float32 zeros, or of what is given. */
export function safetensorsFile(entries: Record<string, { shape: number[]; dtype?: string; bytes?: Uint8Array }>) {
  let end = 0;
  const parts: Uint8Array[] = [];
  const header = Object.entries(entries).map(([name, { shape, dtype = 'F32', bytes }]) => {
    const data = bytes ?? new Uint8Array(4 * tf.util.sizeFromShape(shape));
    parts.push(data);
    const begin = end;
    end += data.length;
    return [name, { dtype, shape, data_offsets: [begin, end] }];
  });
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer);
  return Uint8Array.from([length, text, ...parts].flatMap((part) => [...part]));
}
