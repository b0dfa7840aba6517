// WebGPU that is there without a package: a browser's, or Deno's.
import { type Engine, Unavailable } from '../engine.ts';
import { importWebgpu, openWebgpu, WEBGPU_PACKAGE } from './webgpu.ts';

export interface Surroundings {
  /** How the GPU is reached: `WebGPU (Vulkan)`. */
  through: string;
  /** Why there is no `navigator.gpu`. */
  absent: string;
  /** For a machine where there is none, or no adapter. */
  mend: string;
}

export function ownWebgpu(name: 'webgpu' | 'webgpu-software', { through, absent, mend }: Surroundings): Engine {
  return {
    name,
    packages: [WEBGPU_PACKAGE],
    tellsApart: ['exact'],
    async open(request) {
      const { gpu } = navigator;
      if (!gpu) throw new Unavailable('no-gpu', absent, mend);
      const { WebGPUBackend } = await importWebgpu();
      return openWebgpu({ gpu, WebGPUBackend, software: name === 'webgpu-software', through, mend }, request);
    },
  };
}
