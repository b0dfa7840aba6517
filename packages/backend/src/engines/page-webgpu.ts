// WebGPU in a browser.
import { type Engine, Unavailable } from '../engine.ts';
import { importBackend } from './activate.ts';
import { openWebgpu, WEBGPU_PACKAGE } from './webgpu.ts';

const MEND = 'use a browser with WebGPU, over https or on localhost, with hardware acceleration on';

export const pageWebgpu = pageEngine('webgpu');
export const pageWebgpuSoftware = pageEngine('webgpu-software');

function pageEngine(name: 'webgpu' | 'webgpu-software'): Engine {
  return {
    name,
    packages: [WEBGPU_PACKAGE],
    async open(request) {
      const { gpu } = navigator;
      if (!gpu) throw new Unavailable('no-gpu', 'this browser offers no WebGPU here', MEND);
      const { WebGPUBackend } = await importBackend(WEBGPU_PACKAGE, () => import('@tensorflow/tfjs-backend-webgpu'));
      const software = name === 'webgpu-software';
      return openWebgpu({ gpu, WebGPUBackend, software, through: 'WebGPU', mend: MEND }, request);
    },
  };
}
