// The device under test.
import { isSoftware } from '@stridelab/gpu-device';
import { openTestBackend } from '@stridelab/test-kit/backends';
import * as webgpu from '@stridelab/webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { force } from '../../../packages/webgpu/src/gemm/choose.ts';
import { TAPS_INSIDE } from '../../../packages/webgpu/src/gemm/tuning.ts';

export { type Precision, setPrecision } from '@stridelab/webgpu';

const { STRIDELAB_PACK_FROM, STRIDELAB_TAPS_INSIDE, STRIDELAB_TUNE } = process.env;

/** For a trial: with `STRIDELAB_PACK_FROM=4`, `PACK_FROM` of the products' tuning is 4. */
export const packFrom = STRIDELAB_PACK_FROM === undefined ? undefined : Number(STRIDELAB_PACK_FROM);
/** For a trial: with `STRIDELAB_TAPS_INSIDE=0`, convolutions multiply all channels of a tap before the next tap. */
export const tapsInside = STRIDELAB_TAPS_INSIDE === undefined ? TAPS_INSIDE : STRIDELAB_TAPS_INSIDE !== '0';

/** With `STRIDELAB_TUNE=6`, products of a step are tuned before it is timed, with so many candidates each. */
export const tuneCandidates = STRIDELAB_TUNE === undefined ? undefined : Number(STRIDELAB_TUNE);

export interface OpenGpu {
  device: GPUDevice;
  /** In words. */
  name: string;
  guard<T>(work: () => Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

/** Opens the webgpu backend with our kernels, as a user would. With `STRIDELAB_GPU_FEATURES=none`, as a browser may have it. */
export async function openGpu(): Promise<OpenGpu> {
  if (process.env.STRIDELAB_GPU_FEATURES === 'none') return openPlainGpu();
  const { info } = (await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' }))!;
  const opened = await webgpu.createWebGpuDevice({ software: isSoftware(info) });
  watch(opened.device);
  force({ tapsInside, ...(packFrom !== undefined && { packFrom }) });
  return { ...opened, name: wordsOf(info), guard: (work) => opened.guard(work) };
}

/** The webgpu backend as TF.js makes it: its memory too is managed by nobody else until a kernel of ours runs. */
export async function openPlainGpu(): Promise<OpenGpu> {
  await openTestBackend('webgpu');
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  watch(device);
  return {
    device,
    name: wordsOf(device.adapterInfo),
    guard: (work) => work(),
    dispose: async () => device.destroy(),
  };
}

const errors: string[] = [];
let watched: GPUDevice | undefined;

function watch(device: GPUDevice): void {
  watched = device;
  device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
}

/** The device that was opened, in words. Numbers of work that it refused are none. */
export async function checkedDevice(): Promise<string> {
  await watched!.queue.onSubmittedWorkDone();
  if (errors.length) throw new Error(`the device reported ${errors.length} errors, first ${errors[0]}`);
  return wordsOf(watched!.adapterInfo);
}

function wordsOf({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  return [vendor, architecture, device, description].filter(Boolean).join(', ');
}

/** With TF.js's own kernels for the time of `work`. */
export async function withStock<T>(work: () => Promise<T>): Promise<T> {
  webgpu.restore();
  try {
    return await work();
  } finally {
    webgpu.registerWebgpuTraining();
  }
}
