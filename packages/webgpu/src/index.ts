// Importing this file registers the kernels; `@stridelab/webgpu/training` has the same functions and registers nothing.
import { registerWebgpuTraining } from './training.ts';

registerWebgpuTraining();

export {
  type Abilities,
  type CapturedStep,
  CaptureError,
  type CaptureOptions,
  type CaptureStatistics,
  captureStep,
  createWebGpuDevice,
  DeviceLostError,
  type DeviceOptions,
  type DispatchTime,
  getPrecision,
  OutOfMemoryError,
  type Precision,
  registerWebgpuTraining,
  restore,
  setPrecision,
  type TunedProduct,
  type TuneOptions,
  tuneProducts,
  type WebgpuDevice,
  WebgpuError,
  type WebgpuTrainingOptions,
} from './training.ts';
