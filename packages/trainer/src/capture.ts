// The seam at which a backend may record a step once and replay it: `@stridelab/webgpu` puts its `captureStep` there.
import { backend, type Tensor, type TensorContainer } from '@tensorflow/tfjs-core';

/** As `captureStep` of @stridelab/webgpu. */
export type CaptureStep = <Inputs extends Tensor[], Result extends TensorContainer>(
  step: (...inputs: Inputs) => Result,
  options: { key: () => string; onRefused: (error: Error) => void },
) => ((...inputs: Inputs) => Result) & { dispose(): void };

/** The property of a backend of TF.js that holds it. */
export const CAPTURE_STEP = Symbol.for('stridelab.captureStep');

/** What the current backend has for it, if anything. */
export function captureOfBackend(): CaptureStep | undefined {
  return (backend() as { [CAPTURE_STEP]?: CaptureStep })[CAPTURE_STEP];
}
