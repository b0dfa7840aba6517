// Both data formats as one: images with the channels last, without moving any data.
import { reshape, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { DataFormat } from './checks.ts';

/**
 * Calls `f` with (batch, ...sides, channels). Channels that come first are a batch of their own, since every
 * channel is treated alike: (batch, channels, ...sides) is seen as (batch * channels, ...sides, 1).
 */
export function withChannelsLast(x: Tensor, dataFormat: DataFormat, f: (images: Tensor) => Tensor): Tensor {
  if (dataFormat === 'channelsLast') return f(x);
  const [batch, channels, ...sides] = x.shape as [number, number, ...number[]];
  return tidy(() => {
    const y = f(reshape(x, [batch * channels, ...sides, 1]));
    return reshape(y, [batch, channels, ...y.shape.slice(1, -1)]);
  });
}

/** The lengths of the spatial sides. */
export function sidesOf({ shape }: { shape: readonly (number | null)[] }, dataFormat: DataFormat): (number | null)[] {
  return dataFormat === 'channelsLast' ? shape.slice(1, -1) : shape.slice(2);
}
