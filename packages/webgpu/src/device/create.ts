// A WebGPU device with what training gains from, as TF.js's backend.
import {
  type Dawn,
  guardedBackend,
  isSoftware,
  Lifetime,
  nameOf,
  requestAdapter,
  requestDevice,
  TRAINING_FEATURES,
  takeGpu,
} from '@stridelab/gpu-device';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { engine, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import { DeviceLostError, WebgpuError } from '../errors.ts';
import { internalsOf } from '../gpu/backend.ts';
import { type Abilities, abilitiesOf } from '../gpu/device.ts';
import { memoryOf } from '../memory/memory.ts';

export interface DeviceOptions {
  /** Takes a GPU that the processor draws (SwiftShader, llvmpipe), and no other: slow, for tests. Default false. */
  software?: boolean;
  /** How much memory may be allocated, as a multiple of the most that was ever in use at once. Default 1.25. */
  memorySlack?: number;
  /**
   * Default true: every index of every shader is kept within its buffer, as in every browser. In Node, with false, nothing does
   * that, and products have a third fewer instructions. The kernels of this package stay within their buffers by
   * themselves; some of TF.js's read past the end, which the README lists.
   */
  boundsChecks?: boolean;
}

/** An open device, current in TF.js as its backend `webgpu`. */
export interface WebgpuDevice {
  readonly device: GPUDevice;
  /** For people: `NVIDIA H200`. */
  readonly name: string;
  /** What was got of {@link missing}'s kind: features that training gains from. */
  readonly features: readonly string[];
  /** Features that training would gain from, and that are not to be had here. */
  readonly missing: readonly string[];
  /** What kernels choose by. */
  readonly abilities: Abilities;
  /** Resolves when the device is lost, `dispose()` included. */
  readonly lost: Promise<DeviceLostError>;
  /**
   * The result of `work`, or a `DeviceLostError` as soon as the device is lost. Reading a tensor (`await tensor.data()`) is
   * guarded without this.
   */
  guard<T>(work: PromiseLike<T> | (() => T | PromiseLike<T>)): Promise<T>;
  /** Gives the device back. Tensors on it are gone; the process can end. */
  dispose(): Promise<void>;
}

const NAME = 'createWebGpuDevice';

/**
 * Opens the GPU and makes it TF.js's current backend, `webgpu`. In Node through Dawn (the npm package `webgpu`), with half
 * precision, subgroups, matrix units, timestamps and the largest buffers, each where the GPU has it; in a browser with what
 * that grants. A GPU drawn by the processor is refused unless it is asked for.
 */
export async function createWebGpuDevice({
  software = false,
  memorySlack,
  boundsChecks = true,
}: DeviceOptions = {}): Promise<WebgpuDevice> {
  if (memorySlack !== undefined && !(memorySlack >= 1)) {
    throw new WebgpuError(NAME, 'memorySlack must be a number >= 1', memorySlack);
  }
  if (typeof boundsChecks !== 'boolean') {
    throw new WebgpuError(NAME, 'boundsChecks must be true or false', boundsChecks);
  }
  if ('webgpu' in engine().registry) {
    throw new WebgpuError(NAME, "TF.js's backend webgpu must not run yet", engine().backendName);
  }
  const { gpu, release } = await takeGpu(loadDawn, { boundsChecks });
  let device: GPUDevice | undefined;
  try {
    const adapter = await adapterOf(gpu, software);
    const name = nameOf(adapter.info);
    device = await requestDevice(adapter);
    const lifetime = new Lifetime((...words) => new DeviceLostError(...words));
    void device.lost.then(({ reason, message }) => lifetime.lose(name, reason || 'unknown', message));
    const unregister = await register(guardedBackend(WebGPUBackend, device, adapter.info, lifetime), memorySlack);
    return handleOf(device, name, lifetime, () => {
      unregister();
      release();
    });
  } catch (error) {
    device?.destroy();
    release();
    throw error;
  }
}

async function loadDawn(): Promise<Dawn> {
  const name = 'webgpu';
  try {
    // Not a literal, so that a bundler for browsers does not look for it.
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  } catch (error) {
    const { message } = Object(error) as Partial<Error>;
    const rule = 'in Node the package webgpu must be installed, elsewhere navigator.gpu must be there';
    throw new WebgpuError(NAME, rule, message?.split('\n', 1)[0]);
  }
}

async function adapterOf(gpu: GPU, software: boolean): Promise<GPUAdapter> {
  const adapter = await requestAdapter(gpu, software);
  if (!adapter) throw new WebgpuError(NAME, 'there must be a GPU that WebGPU finds', adapter);
  if (isSoftware(adapter.info) !== software) {
    const rule = software
      ? 'with software, the GPU must be drawn by the processor'
      : 'the GPU must be a real one, or software asked for';
    throw new WebgpuError(NAME, rule, nameOf(adapter.info));
  }
  return adapter;
}

async function register(backend: WebGPUBackend, slack: number | undefined): Promise<() => void> {
  memoryOf(internalsOf(backend), { slack });
  // A browser's own, which has not been started.
  const registered = engine().registryFactory.webgpu;
  if (registered) removeBackend('webgpu');
  registerBackend('webgpu', () => backend, registered?.priority);
  await setBackend('webgpu');
  return () => {
    if (engine().registry.webgpu !== backend) return;
    removeBackend('webgpu');
    if (registered) registerBackend('webgpu', registered.factory, registered.priority);
  };
}

function handleOf(
  device: GPUDevice,
  name: string,
  lifetime: Lifetime<DeviceLostError>,
  close: () => void,
): WebgpuDevice {
  let closing: Promise<void> | undefined;
  return {
    device,
    name,
    features: TRAINING_FEATURES.filter((feature) => device.features.has(feature)),
    missing: TRAINING_FEATURES.filter((feature) => !device.features.has(feature)),
    abilities: abilitiesOf(device),
    lost: lifetime.lost,
    guard: (work) => lifetime.guard(work),
    dispose() {
      closing ??= (async () => {
        lifetime.lose(name, 'destroyed', 'dispose() was called');
        close();
        device.destroy();
        await device.lost;
      })();
      return closing;
    },
  };
}
