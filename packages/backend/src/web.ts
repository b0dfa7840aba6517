// The backends of a page or of a worker in a browser.
import { cpu } from './engines/cpu.ts';
import { ownWebgpu } from './engines/own-webgpu.ts';
import { wasm } from './engines/wasm.ts';
import { webgl, webglSoftware } from './engines/webgl.ts';
import { examineAll } from './examine.ts';
import { type Machine, openOn } from './open.ts';
import type { BackendReport, ExamineOptions, OpenedBackend, OpenOptions } from './types.ts';

const browser = {
  through: 'WebGPU',
  absent: 'this browser offers no WebGPU here',
  mend: 'use a browser with WebGPU, over https or on localhost, with hardware acceleration on',
};

const page: Machine = {
  engines: [ownWebgpu('webgpu', browser), webgl, wasm, cpu, ownWebgpu('webgpu-software', browser), webglSoftware],
  order: ['webgpu', 'webgl', 'wasm', 'cpu'],
};

/** Opens the best TF.js backend of this browser and makes it current: webgpu, webgl, wasm, cpu. */
export function openBackend(options: OpenOptions = {}): Promise<OpenedBackend> {
  return openOn(page, options);
}

/** Every backend of this browser: ready, or the reason and the mend. */
export function doctor(options: ExamineOptions = {}): Promise<BackendReport[]> {
  return examineAll(page, options);
}
