import type { NamedTensorInfoMap } from '@tensorflow/tfjs-core';
import { WebgpuError } from '../errors.ts';

/** Throws by name unless each of these inputs is there, of its type and of its shape: a shader would read past its end. */
export function checkInputs(
  kernelName: string,
  inputs: NamedTensorInfoMap,
  shapes: Readonly<Record<string, readonly number[]>>,
  dtype: 'float32' | 'int32' = 'float32',
): void {
  for (const [name, shape] of Object.entries(shapes)) {
    const input = inputs[name];
    const fits = input?.dtype === dtype && input.shape.join() === shape.join();
    if (fits) continue;
    const got = input ? `${input.dtype} of shape [${input.shape.join(', ')}]` : input;
    throw new WebgpuError(kernelName, `${name} must be ${dtype} of shape [${shape.join(', ')}]`, got);
  }
}
