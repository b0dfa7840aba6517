// The golden cases: what every layer must compute, written in float64 by ../golden/generate.py, and generate_resnet.py there.
import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { goldenFile } from './golden-files.ts';

interface GoldenArray {
  shape: number[];
  values: number[];
}

/** One case; arrays are `{shape, values}`, everything else is a plain JSON value. */
// biome-ignore lint/suspicious/noExplicitAny: each family of cases has its own fields
export type GoldenCase = Record<string, any>;

export function goldenCases(family: 'diffstride' | 'spectral-pooling' | 'phc-conv' | 'resnet'): GoldenCase[] {
  return goldenFile(family) as GoldenCase[];
}

/** A golden array as a float32 tensor on the current backend. */
export function goldenTensor<T extends Tensor = Tensor>({ shape, values }: GoldenArray): T {
  return tensor(values, shape, 'float32') as T;
}
