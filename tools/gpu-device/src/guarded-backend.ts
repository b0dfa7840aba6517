import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { backend_util } from '@tensorflow/tfjs-core';
import type { Lifetime } from './lifetime.ts';

type Backend = new (device: GPUDevice, info?: GPUAdapterInfo) => WebGPUBackend;

/** TF.js's backend, of which reading a tensor of a lost device rejects with the named error, whoever reads it. */
export function guardedBackend(
  WebGPUBackend: Backend,
  device: GPUDevice,
  info: GPUAdapterInfo,
  lifetime: Pick<Lifetime<Error>, 'guardReading'>,
): WebGPUBackend {
  return new (class extends WebGPUBackend {
    override read(dataId: object): Promise<backend_util.BackendValues> {
      // Values that were read before are in the processor's memory and outlive the device.
      const here = this.tensorMap.get(dataId)?.values != null;
      return here ? super.read(dataId) : lifetime.guardReading(super.read(dataId));
    }
  })(device, info);
}
