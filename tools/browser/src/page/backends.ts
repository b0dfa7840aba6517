// In the place of the test kit's backends.ts: the backends of a page. Its address says which of them tests are for.
import '@tensorflow/tfjs'; // registers the gradients of tfjs-core, cpu and webgl
import { gpuLimits } from '@stridelab/test-kit/gpu-limits';
import { getThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';

export type BackendName = 'cpu' | 'wasm' | 'webgpu' | 'webgl';

const params = new URLSearchParams(location.search);

export const BACKENDS = [params.get('backend') as BackendName] as const;

/** Suites for other backends are skipped here: Node runs them. */
export const unavailable = new Map(
  (['cpu', 'wasm', 'webgpu', 'webgl'] as const)
    .filter((name) => name !== BACKENDS[0])
    .map((name) => [name, 'this page is for another backend']),
);

tf.env().set('PROD', true);
setWasmPaths('/wasm/');
// TF.js takes a thread for every two processors that it sees.
if (params.has('isolated')) Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 });
await tf.setBackend('cpu');

const FEATURES = ['timestamp-query', 'shader-f16', 'subgroups', 'subgroup-size-control'] as GPUFeatureName[];
let gpu: GPUDevice | undefined;
const gpuErrors: string[] = [];

export async function gpuWorkDone(): Promise<void> {
  await gpu?.queue.onSubmittedWorkDone();
}

export async function takeGpuErrors(): Promise<string[]> {
  await gpuWorkDone();
  return gpuErrors.splice(0);
}

export async function openTestBackend(name: BackendName): Promise<void> {
  if (name === 'webgpu') gpu ??= await openGpu();
  if (!(await tf.setBackend(name))) throw new Error(`backend ${name} failed to start`);
  await tf.ready();
  if (name === 'wasm' && getThreadsCount() !== (params.has('isolated') ? 2 : 1)) {
    throw new Error(`wasm has ${getThreadsCount()} threads; isolated: ${crossOriginIsolated}`);
  }
}

async function openGpu(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('the browser found no adapter');
  const device = await adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: gpuLimits(adapter),
  });
  device.addEventListener('uncapturederror', (event) =>
    gpuErrors.push((event as GPUUncapturedErrorEvent).error.message),
  );
  tf.removeBackend('webgpu'); // TF.js's own, which has not been started
  tf.registerBackend('webgpu', () => new WebGPUBackend(device, (adapter as unknown as { info: GPUAdapterInfo }).info));
  return device;
}
