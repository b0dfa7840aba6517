// WebGPU in Node: Dawn, from the npm package `webgpu`.

import type * as webgpu from 'webgpu';

export type Dawn = Pick<typeof webgpu, 'create' | 'globals'>;

/**
 * Half precision and matrix units are there only where somebody asks for them, and timestamps are coarse unless told not to
 * be; on other systems the names do nothing.
 */
const TOGGLES = [
  'enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia',
  'disable-dawn-features=timestamp_quantization',
];

// Kept for the life of the process. Dawn aborts when its instance is collected while an event of a device is on its way.
let instance: GPU | undefined;

/** TF.js looks for `navigator.gpu` and for WebGPU's constants among the globals: they are there until `release`. */
export async function takeGpu(load: () => Promise<Dawn>): Promise<{ gpu: GPU; release(): void }> {
  const present = globalThis.navigator?.gpu;
  if (present) return { gpu: present, release() {} };
  const { create, globals } = await load();
  Object.assign(globalThis, globals);
  instance ??= create(TOGGLES);
  const gpu = instance;
  const bare = globalThis.navigator === undefined;
  if (bare) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  const holder = globalThis.navigator;
  Object.defineProperty(holder, 'gpu', { value: gpu, configurable: true });
  return {
    gpu,
    release() {
      Reflect.deleteProperty(holder, 'gpu');
      if (bare) Reflect.deleteProperty(globalThis, 'navigator');
    },
  };
}
