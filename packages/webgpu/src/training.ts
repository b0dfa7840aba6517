// Puts our kernels in the place of TF.js's own, and TF.js's own back. Importing this changes nothing.
import '@tensorflow/tfjs-backend-webgpu'; // first, so that it cannot register its kernels over ours later
import { registrationOf } from '@stridelab/registration';
import type { KernelConfig, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { WebgpuError } from './errors.ts';
import { withFloats } from './gpu/as-float.ts';
import { internalsOf } from './gpu/backend.ts';
import { abilitiesOf } from './gpu/device.ts';
import { trainingKernels } from './kernels/index.ts';
import type { TrainingKernel } from './kernels/kernel.ts';
import { type Precision, setPrecision } from './precision.ts';

export { WebgpuError } from './errors.ts';
export { type Precision, setPrecision } from './precision.ts';

export interface WebgpuTrainingOptions {
  /** See {@link setPrecision}. Default: as it is. */
  precision?: Precision;
}

const registration = registrationOf('webgpu', trainingKernels, configOf);

/**
 * Registers, for the webgpu backend, fast kernels in the place of TF.js's own, and those that `@stridelab/train-ops` names.
 * Calling it again changes nothing but the precision. Before or after the backend is opened makes no difference.
 */
export function registerWebgpuTraining({ precision }: WebgpuTrainingOptions = {}): void {
  if (precision !== undefined) setPrecision(precision);
  registration.register();
}

/** Puts TF.js's own kernels back. */
export function restore(): void {
  registration.restore();
}

function configOf({ kernelName, run }: TrainingKernel, original: KernelConfig | undefined) {
  return {
    kernelFunc(call: Parameters<KernelConfig['kernelFunc']>[0]) {
      const { inputs, attrs = {} } = call;
      const backend = internalsOf(call.backend as object);
      const rest = {
        attrs: attrs as NamedAttrMap,
        backend,
        abilities: abilitiesOf(backend.device),
        original() {
          if (!original) throw new WebgpuError(kernelName, 'TF.js has no kernel to fall back to', attrs);
          return original.kernelFunc(call) as TensorInfo;
        },
      };
      return withFloats(backend, inputs, (floats) => run({ inputs: floats, ...rest }));
    },
  };
}
