// The device under test, and what this revision of @stridelab/webgpu has beside its kernels.
import { openTestBackend } from '@stridelab/test-kit/backends';
import * as webgpu from '@stridelab/webgpu';
import * as tf from '@tensorflow/tfjs-core';

export type Precision = 'fast' | 'exact';

export interface Extras {
  setPrecision?(precision: Precision): void;
  captureStep?<Args extends tf.Tensor[]>(step: (...inputs: Args) => tf.Scalar): (...inputs: Args) => tf.Scalar;
}

export const extras: Extras = webgpu as Extras;

export interface OpenGpu {
  device: GPUDevice;
  queue: GPUQueue;
  /** In words. */
  name: string;
}

/** Opens the webgpu backend with our kernels; its features follow from the environment. */
export async function openGpu(): Promise<OpenGpu> {
  await openTestBackend('webgpu');
  webgpu.registerWebgpuTraining();
  const { device, queue } = tf.backend() as unknown as { device: GPUDevice; queue: GPUQueue };
  const { vendor, architecture, description, device: chip } = device.adapterInfo;
  return { device, queue, name: [vendor, architecture, chip, description].filter(Boolean).join(', ') };
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
