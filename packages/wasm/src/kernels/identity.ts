// tf.clone, and so what the tape keeps: TF.js copies the values here, where every other backend counts references.
import { Identity, type TensorInfo } from '@tensorflow/tfjs-core';
import { trainingKernel } from './kernel.ts';

/** The same values under another tensor; they are freed with the last of them. */
export const identity = trainingKernel(Identity, (call) => {
  const { x } = call.inputs as { x: TensorInfo };
  if (x.dtype === 'string') return call.original();
  call.backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
});
