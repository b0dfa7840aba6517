// Puts our kernels in the place of TF.js's own, and TF.js's own back. Importing this changes nothing.
import '@tensorflow/tfjs-backend-wasm'; // first, so that it cannot register its kernels over ours later
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  getKernel,
  type KernelConfig,
  type NamedAttrMap,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { engineOf } from './engine/engine.ts';
import { WasmError } from './errors.ts';
import { wasmGradients } from './gradients/index.ts';
import { replaceGradients, restoreGradients } from './gradients/replace.ts';
import { trainingKernels } from './kernels/index.ts';
import type { TrainingKernel } from './kernels/kernel.ts';

export { WasmError } from './errors.ts';

const BACKEND = 'wasm';

/** TF.js's own kernels by name while ours are registered; undefined for those that it lacks. */
const originals = new Map<string, KernelConfig | undefined>();

/**
 * Registers, for the wasm backend, the gradient kernels that TF.js lacks and faster ones for those that are slow.
 * Calling it again changes nothing. Before or after the backend is opened makes no difference.
 */
export function registerWasmTraining(): void {
  replaceGradients(wasmGradients);
  for (const kernel of trainingKernels) {
    const { kernelName } = kernel;
    if (originals.has(kernelName)) continue;
    const original = getKernel(kernelName, BACKEND);
    originals.set(kernelName, original);
    if (original) unregisterKernel(kernelName, BACKEND); // or TF.js warns about every one of them
    registerKernel(configOf(kernel, original));
  }
}

/** Puts TF.js's own kernels and gradients back. */
export function restore(): void {
  restoreGradients();
  for (const [kernelName, original] of originals) {
    unregisterKernel(kernelName, BACKEND);
    if (original) registerKernel(original);
  }
  originals.clear();
}

function configOf({ kernelName, run }: TrainingKernel, original: KernelConfig | undefined): KernelConfig {
  return {
    ...original,
    kernelName,
    backendName: BACKEND,
    setupFunc(backend) {
      original?.setupFunc?.(backend);
      // By the time a backend is opened, the program has imported the gradients that it uses.
      replaceGradients(wasmGradients);
    },
    kernelFunc(call) {
      const { inputs, attrs = {} } = call;
      const backend = call.backend as BackendWasm;
      return run({
        inputs,
        attrs: attrs as NamedAttrMap,
        backend,
        engine: engineOf(backend),
        original() {
          if (!original) throw new WasmError(kernelName, 'dataFormat must be NHWC', attrs?.dataFormat);
          return original.kernelFunc(call) as TensorInfo;
        },
      });
    },
  };
}
