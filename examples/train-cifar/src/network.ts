// The network that the settings describe: resnet() with two factories handed in.
import { DiffStride } from '@stridelab/diffstride';
import { PHCConv2D } from '@stridelab/phc-conv';
import { type ConvFactory, type DownsampleFactory, resnet } from '@stridelab/resnet';
import { SpectralPooling2D } from '@stridelab/spectral-pooling';
import { type LayersModel, layers } from '@tensorflow/tfjs-layers';
import type { NetworkSettings, Pooling } from './settings.ts';

/** The layer that makes maps smaller; none where convolutions are strided. */
const POOLING: Record<Pooling, DownsampleFactory | undefined> = {
  strided: undefined,
  average: ({ name, strides }) => layers.averagePooling2d({ name, poolSize: strides, strides, padding: 'same' }),
  max: ({ name, strides }) => layers.maxPooling2d({ name, poolSize: strides, strides, padding: 'same' }),
  spectral: (options) => new SpectralPooling2D(options),
  diffstride: (options) => new DiffStride(options),
};

export interface NetworkInput {
  inputShape: [number, number, number];
  classes: number;
  seed: number;
}

export function buildNetwork(settings: NetworkSettings, input: NetworkInput): LayersModel {
  const { variant, depth, widths, strides, pooling, n } = settings;
  const downsample = POOLING[pooling];
  return resnet({
    ...input,
    depth,
    variant,
    stem: 'cifar',
    shortcut: 'projection',
    widths,
    strides,
    ...(n !== undefined && { conv: hypercomplex(n, input.inputShape[2]) }),
    ...(downsample && {
      // A layer that does nothing is left out, but for one that may learn to do something.
      downsample: (options, site) =>
        pooling !== 'diffstride' && options.strides.every((side) => side === 1) ? undefined : downsample(options, site),
    }),
  });
}

/** PHC convolutions, but for the stem where the image's channels are no multiple of n. */
function hypercomplex(n: number, channels: number): ConvFactory {
  return (options, site) =>
    site.role === 'stem' && channels % n !== 0
      ? layers.conv2d(options)
      : new PHCConv2D({ ...options, n, ...(site.seed !== undefined && { algebraSeed: site.seed }) });
}
