// What a kernel of this package is.
import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { Backend } from '../gpu/backend.ts';
import type { Abilities } from '../gpu/device.ts';

/** One call of a kernel, as TF.js makes it. */
export interface KernelCall<Attrs = NamedAttrMap> {
  inputs: NamedTensorInfoMap;
  attrs: Attrs;
  backend: Backend;
  abilities: Abilities;
  /** Runs TF.js's own kernel of this name on the same arguments; an error where it has none. */
  original(): TensorInfo;
}

export interface TrainingKernel {
  /** TF.js's name of the operation, or train-ops'. */
  kernelName: string;
  run(call: KernelCall): TensorInfo | TensorInfo[];
}

/** Lets a kernel name its attributes' type; TF.js hands them over untyped. */
export function trainingKernel<Attrs extends object, Result extends TensorInfo | TensorInfo[] = TensorInfo>(
  kernelName: string,
  run: (call: KernelCall<Attrs>) => Result,
): TrainingKernel {
  return { kernelName, run: (call) => run(call as unknown as KernelCall<Attrs>) };
}
