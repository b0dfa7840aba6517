// What a layer costs to apply, known from its shapes.
import type { layers } from '@tensorflow/tfjs-layers';

interface Costed extends layers.Layer {
  /** A layer of one's own may say what it costs for one example. */
  multiplyAdds?(inputShape: number[], outputShape: number[]): number;
}

const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);

const CONV = /^(PHC)?Conv[123]D$/;
const TRANSPOSED = /^(PHC)?Conv[23]DTranspose$/;

/**
 * Multiply-adds of convolutions and dense layers for one example, and what other layers say; 0 for layers without a kernel. Hypercomplex layers multiply
 * by their whole kernel, as the plain layers do. Shapes are (batch, ...) with batch 1.
 */
export function multiplyAdds(layer: layers.Layer, inputShape: number[], outputShape: number[]): number {
  const { multiplyAdds: own } = layer as Costed;
  if (own) return own.call(layer, inputShape, outputShape);
  const kind = layer.getClassName();
  const { kernelSize = [], dataFormat } = layer.getConfig() as Record<string, unknown>;
  const taps = product([kernelSize].flat() as number[]);
  const channelAxis = dataFormat === 'channelsFirst' ? 1 : -1;
  const channels = outputShape.at(channelAxis)!;
  if (CONV.test(kind)) return product(outputShape) * taps * inputShape.at(channelAxis)!;
  if (TRANSPOSED.test(kind)) return product(inputShape) * taps * channels;
  if (kind === 'DepthwiseConv2D') return product(outputShape) * taps;
  if (kind === 'SeparableConv2D') {
    const kernels = layer.weights.filter(({ shape }) => shape.length > 1);
    return (product(outputShape) / channels) * kernels.reduce((sum, { shape }) => sum + product(shape as number[]), 0);
  }
  return kind === 'Dense' || kind === 'PHMDense' ? product(outputShape) * inputShape.at(-1)! : 0;
}
