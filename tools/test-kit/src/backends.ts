// The backends that a user of TF.js has, opened in Node. Needs no test runner: benchmarks use it too.
import '@tensorflow/tfjs'; // registers the gradients of tfjs-core, as every training program does
import '@tensorflow/tfjs-backend-cpu';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { gpuLimits } from './gpu-limits.ts';
import { registerTensorFlow } from './tensorflow.ts';

/** In Node there is no webgl: tools/browser runs the suites on it. */
export type BackendName = 'cpu' | 'wasm' | 'webgpu' | 'webgl' | 'tensorflow';

/** The native addon of tfjs-node, which no package brings. With it suites run on TensorFlow too. */
const { STRIDELAB_TENSORFLOW } = process.env;

export const BACKENDS: readonly BackendName[] = [
  'cpu',
  'wasm',
  'webgpu',
  ...(STRIDELAB_TENSORFLOW ? (['tensorflow'] as const) : []),
];

// Quiet the advice to install tfjs-node; nothing else depends on this flag.
tf.env().set('PROD', true);
/** What shaders of ours may use. With `STRIDELAB_GPU_FEATURES=none` they get what every WebGPU has. */
const FEATURES = (
  process.env.STRIDELAB_GPU_FEATURES === 'none'
    ? ['timestamp-query']
    : ['timestamp-query', 'shader-f16', 'subgroups', 'subgroup-size-control', 'chromium-experimental-subgroup-matrix']
) as GPUFeatureName[];

/**
 * As a program in Node has it (tools/gpu-device, which is tested by this, says why). With `STRIDELAB_BOUNDS_CHECKS=0` nothing
 * keeps indices within buffers, as where our kernels train: some of TF.js's own then give NaN.
 */
const { STRIDELAB_GPU_FEATURES, STRIDELAB_BOUNDS_CHECKS, STRIDELAB_DAWN_TOGGLES } = process.env;
const BOUNDS_CHECKS = STRIDELAB_GPU_FEATURES === 'none' || STRIDELAB_BOUNDS_CHECKS !== '0';
const TOGGLES = ['allow_unsafe_apis', 'vulkan_enable_f16_on_nvidia', BOUNDS_CHECKS ? '' : 'disable_robustness'];
/** Further ones for a trial: `STRIDELAB_DAWN_TOGGLES=disable_workgroup_init`. */
const DAWN_FLAGS = [
  `enable-dawn-features=${[...TOGGLES, STRIDELAB_DAWN_TOGGLES].filter(Boolean)}`,
  'disable-dawn-features=timestamp_quantization',
];

interface OpenGpu {
  adapter: GPUAdapter;
  instance: GPU;
}

let gpu: OpenGpu | undefined;
let gpuQueue: GPUQueue | undefined;
const gpuErrors: string[] = [];
/** Why a backend cannot run here, for each that cannot. */
export const unavailable = new Map<BackendName, string>();

if (!STRIDELAB_TENSORFLOW)
  unavailable.set('tensorflow', 'STRIDELAB_TENSORFLOW must name the native addon of tfjs-node');
try {
  setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);
} catch (error) {
  unavailable.set('wasm', firstLine(error)); // a bundle brings no file beside it
}
try {
  gpu = await openGpu();
} catch (error) {
  unavailable.set('webgpu', firstLine(error));
}

/** Until the GPU has done what it was given; in software that may be minutes behind. */
export async function gpuWorkDone(): Promise<void> {
  await gpuQueue?.onSubmittedWorkDone();
}

/** What Dawn found wrong with a shader or a command since this was last asked. Without asking, it is printed and lost. */
export async function takeGpuErrors(): Promise<string[]> {
  await gpuWorkDone();
  return gpuErrors.splice(0);
}

// A test outside of forEachBackend runs on cpu.
await tf.setBackend('cpu');

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!;
}

async function openGpu(): Promise<OpenGpu> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const instance = create(DAWN_FLAGS);
  // tfjs-backend-webgpu asks for navigator.gpu before it believes in a device that it is handed.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: instance }, configurable: true });
  const adapter = await instance.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('Dawn found no Vulkan, Metal or D3D12 adapter');
  return { adapter, instance };
}

async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const device = await adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: gpuLimits(adapter),
  });
  // Dawn's device leaves out which sizes its matrix units have.
  Object.defineProperty(device, 'adapterInfo', { value: adapter.info, configurable: true });
  return device;
}

/** Makes `name` the current backend of this process, creating it on first use. */
export async function openTestBackend(name: BackendName): Promise<void> {
  const reason = unavailable.get(name);
  if (reason) throw new Error(`backend ${name} cannot run here: ${reason}`);
  if (name === 'webgpu' && tf.findBackend('webgpu') === null) {
    const { adapter } = gpu!;
    const device = await requestDevice(adapter);
    device.addEventListener('uncapturederror', ({ error }) => gpuErrors.push(error.message));
    gpuQueue = device.queue;
    tf.registerBackend('webgpu', () => new WebGPUBackend(device, adapter.info));
  }
  if (name === 'tensorflow' && tf.findBackend('tensorflow') === null) registerTensorFlow(STRIDELAB_TENSORFLOW!);
  if (!(await tf.setBackend(name))) throw new Error(`backend ${name} failed to start`);
  await tf.ready();
}
