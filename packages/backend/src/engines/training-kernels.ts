// @stridelab/webgpu beside TF.js's backend, where it is installed, and how exactly its products are computed.
import * as tf from '@tensorflow/tfjs-core';
import type { OpenRequest } from '../engine.ts';
import type { Precision } from '../types.ts';
import { kernelsFailure } from './activate.ts';

/** Which device wants exact products, and what puts things back as they were before. */
let exact: { device: GPUDevice; putBack(): void } | undefined;

/** Their products are the only ones that are ever less exact than float32. */
export async function importTrainingKernels({ precision, notice }: OpenRequest, device: GPUDevice): Promise<Precision> {
  // A program may have taken the backend of which that was out of TF.js's registry.
  putPrecisionBack();
  try {
    const { getPrecision, setPrecision } = await import('@stridelab/webgpu');
    const before = getPrecision();
    if (precision === 'exact') {
      exact = { device, putBack: () => setPrecision(before) };
      void device.lost.then(() => exact?.device === device && putPrecisionBack());
      setPrecision('exact');
    }
    return getPrecision() === 'exact' ? 'exact' : 'float32';
  } catch (error) {
    const { absent, reason } = kernelsFailure('@stridelab/webgpu', error);
    if (!absent) notice({ reason });
    return precision === 'exact' ? 'exact' : 'float32';
  }
}

function putPrecisionBack(): void {
  exact?.putBack();
  exact = undefined;
}

/** As TF.js's own kernels always do. This does not register ours. */
export async function multipliesExactly(): Promise<boolean> {
  if (!tf.getKernel('StridelabSoftmaxCrossEntropy', 'webgpu')) return true;
  try {
    const { getPrecision } = await import('@stridelab/webgpu/training');
    return getPrecision() === 'exact';
  } catch {
    return false;
  }
}
