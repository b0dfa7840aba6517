// Puts our kernels in the place of TF.js's own, and TF.js's own back. Importing this changes nothing.
// TF.js's backend is imported first, so that it cannot register its kernels over ours later.

import { gradientsOf, registrationOf } from '@stridelab/registration';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelConfig, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { captureStep } from './capture/capture-step.ts';
import { WebgpuError } from './errors.ts';
import { withFloats } from './gpu/as-float.ts';
import { internalsOf } from './gpu/backend.ts';
import { abilitiesOf } from './gpu/device.ts';
import { trainingGradients } from './gradients/index.ts';
import { trainingKernels } from './kernels/index.ts';
import type { TrainingKernel } from './kernels/kernel.ts';
import { memoryOf } from './memory/memory.ts';
import { type Precision, setPrecision } from './precision.ts';
import { setRegistered } from './registered.ts';

export {
  type CapturedStep,
  type CaptureOptions,
  type CaptureStatistics,
  captureStep,
} from './capture/capture-step.ts';
export type { DispatchTime } from './capture/stopwatch.ts';
export { createWebGpuDevice, type DeviceOptions, type WebgpuDevice } from './device/create.ts';
export { CaptureError, DeviceLostError, OutOfMemoryError, WebgpuError } from './errors.ts';
export { type TunedProduct, type TuneOptions, tuneProducts } from './gemm/tune.ts';
export type { Abilities } from './gpu/device.ts';
export { getPrecision, type Precision, setPrecision } from './precision.ts';

export interface WebgpuTrainingOptions {
  /** See {@link setPrecision}. Default: as it is. */
  precision?: Precision;
}

const registration = registrationOf('webgpu', trainingKernels, configOf);
const gradients = gradientsOf('webgpu', trainingGradients);

/**
 * Registers, for the webgpu backend, fast kernels in the place of TF.js's own, and those that `@stridelab/train-ops` names.
 * Calling it again changes nothing but the precision. Before or after the backend is opened makes no difference.
 */
export function registerWebgpuTraining({ precision }: WebgpuTrainingOptions = {}): void {
  if (precision !== undefined) setPrecision(precision);
  gradients.register();
  registration.register();
  setRegistered(true);
  // Where a trainer looks for it, without a need to know this package.
  Object.defineProperty(WebGPUBackend.prototype, CAPTURE_STEP, { value: captureStep, configurable: true });
}

/** Puts TF.js's own kernels and gradients back. */
export function restore(): void {
  gradients.restore();
  registration.restore();
  setRegistered(false);
  Reflect.deleteProperty(WebGPUBackend.prototype, CAPTURE_STEP);
}

const CAPTURE_STEP = Symbol.for('stridelab.captureStep');

function configOf({ kernelName, run }: TrainingKernel, original: KernelConfig | undefined) {
  return {
    setupFunc(backend: object) {
      original?.setupFunc?.(backend);
      // By the time a backend is opened, the program has imported the gradients that it uses.
      gradients.register();
    },
    kernelFunc(call: Parameters<KernelConfig['kernelFunc']>[0]) {
      const { inputs, attrs = {} } = call;
      const backend = internalsOf(call.backend as object);
      memoryOf(backend); // bounded from the first of our kernels on
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
