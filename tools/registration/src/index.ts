// Kernels in the place of a backend's own, until they are put back.
import { getKernel, type KernelConfig, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';

export { dilatedGradient, infoOfGradient } from './convolution-gradient.ts';
export { type BackendGradient, type GradientRegistration, gradientsOf } from './gradients.ts';

export interface Registration {
  /** Registers every kernel. Calling it again changes nothing. */
  register(): void;
  /** Puts the backend's own kernels back. */
  restore(): void;
}

/**
 * What registers `kernels` for a backend. `configOf` is handed each with the backend's own kernel of that name, which it may
 * fall back to, or undefined where there is none.
 */
export function registrationOf<Kernel extends { kernelName: string }>(
  backendName: string,
  kernels: readonly Kernel[],
  configOf: (kernel: Kernel, original: KernelConfig | undefined) => Omit<KernelConfig, 'kernelName' | 'backendName'>,
): Registration {
  const originals = new Map<string, KernelConfig | undefined>();
  return {
    register() {
      for (const kernel of kernels) {
        const { kernelName } = kernel;
        if (originals.has(kernelName)) continue;
        const original = getKernel(kernelName, backendName);
        originals.set(kernelName, original);
        if (original) unregisterKernel(kernelName, backendName); // or TF.js warns about every one of them
        registerKernel({ ...original, ...configOf(kernel, original), kernelName, backendName });
      }
    },
    restore() {
      for (const [kernelName, original] of originals) {
        unregisterKernel(kernelName, backendName);
        if (original) registerKernel(original);
      }
      originals.clear();
    },
  };
}
