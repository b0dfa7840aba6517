// Puts our kernels in the place of TF.js's own, and TF.js's own back. Importing this changes nothing.
import { gradientsOf, registrationOf } from '@stridelab/registration';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { backend, getBackend, type KernelConfig, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { engineOf } from './engine/engine-of.ts';
import { WasmError } from './errors.ts';
import { wasmGradients } from './gradients/index.ts';
import { trainingKernels } from './kernels/index.ts';
import type { TrainingKernel } from './kernels/kernel.ts';

export { WasmError } from './errors.ts';

const registration = registrationOf('wasm', trainingKernels, configOf);
const gradients = gradientsOf('wasm', wasmGradients);

/**
 * Registers, for the wasm backend, the gradient kernels that TF.js lacks and faster ones for those that are slow.
 * Calling it again changes nothing. Before or after the backend is opened makes no difference.
 */
export function registerWasmTraining(): void {
  // It has to come first, so that it cannot register its kernels over ours later. Of an import that gives no name that is used,
  // a bundler that splits code does not keep the order.
  if (!BackendWasm) throw new WasmError('registerWasmTraining', "TF.js's wasm backend must be loaded", BackendWasm);
  gradients.register();
  registration.register();
}

/** Puts TF.js's own kernels and gradients back. */
export function restore(): void {
  gradients.restore();
  registration.restore();
}

/**
 * Resolves once all threads of the current wasm backend take work, to their number: 1 where it has no others. A page's threads
 * start while this is waited for; a program that never waits for anything would work alone.
 */
export async function threadsStarted(): Promise<number> {
  if (getBackend() !== 'wasm') throw new WasmError('threadsStarted', "the backend must be 'wasm'", getBackend());
  const engine = engineOf(backend() as BackendWasm);
  await engine.ready.catch(() => {});
  return engine.lanesFor(Number.POSITIVE_INFINITY);
}

/** Early, so that they are there when they are wanted. What is wrong, the first kernel says. */
function startThreads(backend: BackendWasm): void {
  try {
    engineOf(backend);
  } catch {}
}

function configOf({ kernelName, run }: TrainingKernel, original: KernelConfig | undefined) {
  return {
    setupFunc(backend: object) {
      original?.setupFunc?.(backend);
      // By the time a backend is opened, the program has imported the gradients that it uses.
      gradients.register();
      startThreads(backend as BackendWasm);
    },
    kernelFunc(call: Parameters<KernelConfig['kernelFunc']>[0]) {
      const { inputs, attrs = {} } = call;
      const backend = call.backend as BackendWasm;
      return run({
        inputs,
        attrs: attrs as NamedAttrMap,
        backend,
        engine: engineOf(backend),
        original(changed = attrs) {
          if (!original) throw new WasmError(kernelName, 'dataFormat must be NHWC', attrs?.dataFormat);
          return original.kernelFunc({ ...call, attrs: changed as NamedAttrMap }) as TensorInfo;
        },
      });
    },
  };
}
