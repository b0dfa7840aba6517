// TF.js's WebGPU backend over an adapter, wherever that comes from.
import {
  type AdapterInfo,
  guardedBackend,
  isSoftware,
  nameOf,
  requestAdapter,
  requestDevice,
} from '@stridelab/gpu-device';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { type OpenRequest, type Running, Unavailable } from '../engine.ts';
import { activate, importFailure } from './activate.ts';
import { importTrainingKernels, multipliesExactly } from './training-kernels.ts';

export const WEBGPU_PACKAGE = '@tensorflow/tfjs-backend-webgpu';

export async function importWebgpu() {
  try {
    return await import('@tensorflow/tfjs-backend-webgpu');
  } catch (error) {
    throw importFailure(WEBGPU_PACKAGE, error);
  }
}

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
  const adapter = await requestAdapter(source.gpu, source.software);
  if (!adapter) throw new Unavailable('no-gpu', 'WebGPU finds no adapter', source.mend);
  checkKind(adapter.info, source);
  const device = await requestDevice(adapter);
  const name = nameOf(adapter.info);
  void device.lost.then(({ reason, message }) => request.lifetime.lose(name, reason || 'unknown', message));
  const backend = guardedBackend(source.WebGPUBackend, device, adapter.info, request.lifetime);
  void device.lost.then(() => dead.add(backend));
  const unregister = await activate('webgpu', backend);
  const precision = await importTrainingKernels(request, device);
  if (request.precision === 'float16') {
    const has = device.features.has('shader-f16');
    request.notice({
      reason: `${has ? 'the device computes in half precision, but' : 'the device has no half precision, and'} TF.js's own kernels use float32`,
    });
  }
  return {
    device: `${name} through ${source.through}`,
    tfBackend: 'webgpu',
    precision,
    async close() {
      unregister();
      device.destroy();
      await device.lost;
    },
  };
}

/** Somebody else started it: it is used as it stands, and is theirs to give back. */
async function adopt(
  { device }: WebGPUBackend,
  source: AdapterSource,
  { precision, lifetime, notice }: OpenRequest,
): Promise<Running> {
  // Browsers before 2025 do not say whose device it is.
  const info = device.adapterInfo ?? {};
  const name = nameOf(info);
  checkKind(info, source);
  void device.lost.then(({ reason, message }) => lifetime.lose(name, reason || 'unknown', message));
  await tf.setBackend('webgpu');
  const isExact = await multipliesExactly();
  if (precision === 'exact' && !isExact) {
    const mend = "setPrecision('exact') of @stridelab/webgpu";
    notice({ reason: 'was started by somebody else, and computes as they said', mend });
  }
  return {
    device: `${name} through ${source.through}`,
    tfBackend: 'webgpu',
    precision: isExact ? 'exact' : 'float32',
    close() {},
  };
}

function checkKind(info: AdapterInfo, { software, mend }: AdapterSource): void {
  if (isSoftware(info) === software) return;
  if (software)
    throw new Unavailable('failed', `the only adapter is a real GPU (${nameOf(info)})`, "prefer: ['webgpu']");
  const reason = `the only adapter is drawn by the processor (${nameOf(info)})`;
  throw new Unavailable('software-only', reason, `${mend}; prefer: ['webgpu-software'] takes it all the same`);
}
