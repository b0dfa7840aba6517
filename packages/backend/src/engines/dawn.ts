// WebGPU in Node: Dawn, from the npm package `webgpu`.
import { type Dawn, takeGpu } from '@stridelab/gpu-device';
import { type Engine, firstLine, type Running, Unavailable } from '../engine.ts';
import type { BackendReport } from '../types.ts';
import { importFailure } from './activate.ts';
import { GRAPHICS, MEND } from './graphics.ts';
import { importWebgpu, openWebgpu, WEBGPU_PACKAGE } from './webgpu.ts';

export function dawn(name: 'webgpu' | 'webgpu-software'): Engine {
  return {
    name,
    packages: ['webgpu', WEBGPU_PACKAGE],
    native: true,
    tellsApart: ['exact'],
    async open(request): Promise<Running> {
      // Before there is a navigator.gpu: otherwise this import registers a backend that takes any adapter.
      const { WebGPUBackend } = await importWebgpu();
      const { gpu, release } = await takeGpu(loadDawn, { boundsChecks: request.boundsChecks });
      try {
        const software = name === 'webgpu-software';
        const source = { gpu, WebGPUBackend, software, through: `WebGPU (${GRAPHICS})`, mend: MEND[name] };
        const running = await openWebgpu(source, request);
        const close = async () => {
          await running.close();
          release();
        };
        return { ...running, close };
      } catch (error) {
        release();
        throw error;
      }
    },
    explain: explainDawn,
  };
}

async function loadDawn(): Promise<Dawn> {
  try {
    return await import('webgpu');
  } catch (error) {
    const failure = importFailure('webgpu', error);
    if (failure instanceof Unavailable) throw failure;
    throw new Unavailable('broken-addon', `Dawn does not load: ${firstLine(error)}`, 'npm install webgpu again');
  }
}

function explainDawn(report: BackendReport, printed: string): BackendReport {
  if (report.state !== 'no-gpu') return report;
  const why = /Couldn't load Vulkan: ([^\n]+)/.exec(printed)?.[1];
  if (!why) return report;
  const mend = `install the Vulkan loader (Debian: apt install libvulkan1), then ${report.mend}`;
  return { ...report, reason: `there is no Vulkan here (${why.split(':')[0]} is missing)`, mend };
}
