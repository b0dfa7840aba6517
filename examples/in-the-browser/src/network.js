// A small convolutional network with DiffStride where others have a stride of 2.
import { DiffStride, StrideRegularizer } from '@stridelab/diffstride';
import * as tfl from '@tensorflow/tfjs-layers';
import { SIZE, WAVES } from './data.js';

/** What computation costs, against the loss: without a price nothing but noise would tell a stride to grow. */
const PRICE = 0.05;

/** Symmetric masks cost less than the published ones, and are easier to draw. */
export const MASK = 'symmetric';

export function network(strides, seed) {
  const convolution = (filters, more) => {
    const kernelInitializer = tfl.initializers.heNormal({ seed: seed + filters });
    return tfl.layers.conv2d({ filters, kernelSize: 3, padding: 'same', kernelInitializer, ...more });
  };
  const pool = new DiffStride({ strides, mask: MASK });
  const model = tfl.sequential({
    layers: [
      convolution(8, { inputShape: [SIZE, SIZE, 1] }),
      pool,
      tfl.layers.activation({ activation: 'relu' }),
      convolution(16, { activation: 'relu' }), // what gives the strides their gradient: a mean alone would not
      tfl.layers.globalAveragePooling2d({}),
      tfl.layers.dense({ units: WAVES.length, kernelInitializer: tfl.initializers.glorotUniform({ seed }) }),
    ],
  });
  StrideRegularizer.ofModel(model, PRICE).attach();
  return { model, pool };
}
