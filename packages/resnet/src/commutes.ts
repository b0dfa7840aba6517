import type { layers } from '@tensorflow/tfjs-layers';

/** Layers that treat every channel alike and linearly, by name, because their packages are not imported here. */
const LINEAR_POOLS = ['AveragePooling2D', 'SpectralPooling2D', 'DiffStride'];

interface MaybeLinear extends layers.Layer {
  /** A downsampling layer of one's own may say that it is linear and treats every channel alike. */
  linearPerChannel?: boolean;
}

/**
 * Whether pooling before the convolution is the same function as pooling after it: a 1x1 convolution without bias and a
 * pooling that is linear. Maxima are not.
 */
export function commutes(conv: layers.Layer, pool: layers.Layer): boolean {
  const { kernelSize, strides, useBias, activation } = conv.getConfig() as Record<string, unknown>;
  const pointwise = [kernelSize, strides].flat().every((side) => side === 1);
  const linear = useBias === false && (activation == null || activation === 'linear');
  const linearPool = (pool as MaybeLinear).linearPerChannel ?? LINEAR_POOLS.includes(pool.getClassName());
  return pointwise && linear && linearPool;
}
