// tf.clone, and so what the tape keeps: TF.js copies the values here, where every other backend counts references.
import { Identity, type TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, trainingKernel } from './kernel.ts';

export const identity = trainingKernel(Identity, (call) => {
  const { x } = call.inputs as { x: TensorInfo };
  return x.dtype === 'string' ? call.original() : shared(call, x);
});

/** The same values under another tensor; they are freed with the last of them. */
export function shared({ backend }: Pick<KernelCall, 'backend'>, { dataId, shape, dtype }: TensorInfo): TensorInfo {
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}
