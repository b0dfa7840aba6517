// How many frequencies stay is a choice that only the host can make, so it has to know the strides' values.
import { backend, getBackend, type Tensor } from '@tensorflow/tfjs-core';

/**
 * The values of a small tensor if they can be had now. WebGPU reads what is on the device without waiting for it in no
 * program but a browser, and slowly there; what was never on the device, or was read and not changed since, it has at hand.
 */
export function valuesNow(tensor: Tensor): number[] | undefined {
  if (getBackend() === 'webgpu') {
    const { tensorMap } = backend() as unknown as { tensorMap?: WeakMap<object, { values?: unknown }> };
    if (!tensorMap?.get(tensor.dataId)?.values) return undefined;
  }
  return Array.from(tensor.dataSync());
}

/** Whether a look costs nothing. Elsewhere it waits for a device, and values of the same data are taken to be the same. */
export function lookIsFree(): boolean {
  return ['cpu', 'wasm', 'webgpu'].includes(getBackend());
}
