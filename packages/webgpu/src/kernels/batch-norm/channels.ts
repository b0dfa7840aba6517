import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { WebgpuError } from '../../errors.ts';
import { type Columns, columnsOf } from '../columns/columns.ts';

/** Channels last: every channel is a column. */
export function channelsOf(kernelName: string, x: TensorInfo | undefined): Columns {
  if (x?.dtype !== 'float32' || x.shape.length === 0 || util.sizeFromShape(x.shape) === 0) {
    throw new WebgpuError(kernelName, 'x must be float32 and not empty', x);
  }
  const channels = x.shape.at(-1)!;
  return columnsOf(1, util.sizeFromShape(x.shape) / channels, channels);
}

/** The shape of these inputs, for a check. */
export function perChannel({ columns }: Columns, ...names: string[]): Record<string, number[]> {
  return Object.fromEntries(names.map((name) => [name, [columns]]));
}
