// TF.js's WebGPU backend over an adapter, wherever that comes from.
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { type OpenRequest, type Running, Unavailable } from '../engine.ts';
import type { Lifetime } from '../lifetime.ts';
import { activate, importKernels } from './activate.ts';
import { type AdapterInfo, isSoftware, nameOf } from './adapter.ts';

export const WEBGPU_PACKAGE = '@tensorflow/tfjs-backend-webgpu';

export interface AdapterSource {
  gpu: GPU;
  WebGPUBackend: new (device: GPUDevice, info?: GPUAdapterInfo) => WebGPUBackend;
  software: boolean;
  /** How the GPU is reached: `WebGPU (Vulkan)`. */
  through: string;
  /** For a machine where no adapter is found. */
  mend: string;
}

/** Backends whose device is lost; TF.js knows nothing of that. */
const dead = new WeakSet<WebGPUBackend>();

export async function openWebgpu(source: AdapterSource, request: OpenRequest): Promise<Running> {
  const running = tf.engine().registry.webgpu as WebGPUBackend | undefined;
  if (running && !dead.has(running)) return adopt(running, source, request);
  if (running) tf.removeBackend('webgpu');
  const adapter = await requestAdapter(source);
  const device = await requestDevice(adapter, request.precision === 'float16');
  const name = nameOf(adapter.info);
  void device.lost.then(({ reason, message }) => request.lifetime.lose(name, reason || 'unknown', message));
  const backend = newBackend(source, device, adapter, request.lifetime);
  void device.lost.then(() => dead.add(backend));
  const unregister = await activate('webgpu', backend);
  const failure = await importKernels('@stridelab/webgpu');
  if (failure && !failure.absent) request.notice({ reason: failure.reason });
  if (request.precision === 'float16') {
    const has = device.features.has('shader-f16');
    request.notice({
      reason: `${has ? 'the device computes in half precision, but' : 'the device has no half precision, and'} TF.js's own kernels use float32`,
    });
  }
  return {
    device: `${name} through ${source.through}`,
    tfBackend: 'webgpu',
    async close() {
      unregister();
      device.destroy();
      await device.lost;
    },
  };
}

/** Somebody else started it: it is used as it stands, and is theirs to give back. */
async function adopt({ device }: WebGPUBackend, source: AdapterSource, { lifetime }: OpenRequest): Promise<Running> {
  // Browsers before 2025 do not say whose device it is.
  const info = device.adapterInfo ?? {};
  const name = nameOf(info);
  checkKind(info, source);
  void device.lost.then(({ reason, message }) => lifetime.lose(name, reason || 'unknown', message));
  await tf.setBackend('webgpu');
  return { device: `${name} through ${source.through}`, tfBackend: 'webgpu', close() {} };
}

async function requestAdapter(source: AdapterSource): Promise<GPUAdapter> {
  const { gpu, software, mend } = source;
  const best = { powerPreference: 'high-performance' } as const;
  const adapter =
    (software ? await gpu.requestAdapter({ forceFallbackAdapter: true }) : null) ?? (await gpu.requestAdapter(best));
  if (!adapter) throw new Unavailable('no-gpu', 'WebGPU finds no adapter', mend);
  checkKind(adapter.info, source);
  return adapter;
}

function checkKind(info: AdapterInfo, { software, mend }: AdapterSource): void {
  if (isSoftware(info) === software) return;
  if (software)
    throw new Unavailable('failed', `the only adapter is a real GPU (${nameOf(info)})`, "prefer: ['webgpu']");
  const reason = `the only adapter is drawn by the processor (${nameOf(info)})`;
  throw new Unavailable('software-only', reason, `${mend}; prefer: ['webgpu-software'] takes it all the same`);
}

/** The limits that TF.js asks for, without which large tensors do not fit. */
function requestDevice(adapter: GPUAdapter, half: boolean): Promise<GPUDevice> {
  const names = [
    'maxComputeWorkgroupStorageSize',
    'maxComputeWorkgroupsPerDimension',
    'maxStorageBufferBindingSize',
    'maxBufferSize',
    'maxComputeWorkgroupSizeX',
    'maxComputeInvocationsPerWorkgroup',
  ] as const;
  const wanted: GPUFeatureName[] = ['timestamp-query', ...(half ? (['shader-f16'] as const) : [])];
  return adapter.requestDevice({
    requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(names.map((name) => [name, adapter.limits[name]])),
  });
}

/** Reading a tensor of a lost device rejects with the named error, whoever reads it. */
function newBackend(
  { WebGPUBackend }: AdapterSource,
  device: GPUDevice,
  adapter: GPUAdapter,
  lifetime: Lifetime,
): WebGPUBackend {
  return new (class extends WebGPUBackend {
    override read(dataId: object): Promise<tf.backend_util.BackendValues> {
      // Values that were read before are in the processor's memory and outlive the device.
      const here = this.tensorMap.get(dataId)?.values != null;
      return here ? super.read(dataId) : lifetime.guardReading(super.read(dataId));
    }
  })(device, adapter.info);
}
