// WebGPU in Node: Dawn, from the npm package `webgpu`.

import type * as webgpu from 'webgpu';

export type Dawn = Pick<typeof webgpu, 'create' | 'globals'>;

export interface DawnOptions {
  /**
   * Keeps every index of every shader within its buffer, as every browser does. Without it a shader that strays reads what is
   * not its own or loses the device, as in CUDA. Default true.
   */
  boundsChecks?: boolean;
}

/**
 * For `create` of the package `webgpu`. Half precision and matrix units are there only where somebody asks for them, and
 * timestamps are coarse unless told not to be; on other systems the names do nothing.
 */
function togglesOf({ boundsChecks = true }: DawnOptions = {}): string[] {
  const enabled = ['allow_unsafe_apis', 'vulkan_enable_f16_on_nvidia', ...(boundsChecks ? [] : ['disable_robustness'])];
  return [`enable-dawn-features=${enabled}`, 'disable-dawn-features=timestamp_quantization'];
}

// Kept for the life of the process. Dawn aborts when its instance is collected while an event of a device is on its way.
const instances = new Map<string, GPU>();

/** TF.js looks for `navigator.gpu` and for WebGPU's constants among the globals: they are there until `release`. */
export async function takeGpu(
  load: () => Promise<Dawn>,
  options?: DawnOptions,
): Promise<{ gpu: GPU; release(): void }> {
  const present = globalThis.navigator?.gpu;
  if (present) return { gpu: present, release() {} };
  const { create, globals } = await load();
  Object.assign(globalThis, globals);
  const toggles = togglesOf(options);
  const gpu = instances.get(toggles.join()) ?? create(toggles);
  instances.set(toggles.join(), gpu);
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
