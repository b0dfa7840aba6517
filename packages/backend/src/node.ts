// The backends of a Node process, and of what runs Node's programs: Bun, Deno.
import { createRequire } from 'node:module';
import { examineInChild } from './child.ts';
import { type Engine, notReady } from './engine.ts';
import { notInstalled } from './engines/activate.ts';
import { cpu } from './engines/cpu.ts';
import { dawn } from './engines/dawn.ts';
import { GRAPHICS, MEND } from './engines/graphics.ts';
import { ownWebgpu } from './engines/own-webgpu.ts';
import { node, nodeGpu } from './engines/tensorflow.ts';
import { threadedWasm } from './engines/threaded-wasm.ts';
import { examineAll } from './examine.ts';
import { type Machine, openOn } from './open.ts';
import { ownUrl } from './own-url.ts';
import type { BackendReport, ExamineOptions, OpenedBackend, OpenOptions } from './types.ts';

// Deno has WebGPU itself. What Dawn puts into Node's navigator is a property of that object alone.
const hasOwnGpu = typeof navigator !== 'undefined' && 'gpu' in Object.getPrototypeOf(navigator);
const webgpu = hasOwnGpu ? own : dawn;

export const nodeMachine: Machine = {
  engines: [nodeGpu, webgpu('webgpu'), node, threadedWasm, cpu, webgpu('webgpu-software')],
  order: ['node-gpu', 'webgpu', 'node', 'wasm', 'cpu'],
  examine,
};

function own(name: 'webgpu' | 'webgpu-software'): Engine {
  return ownWebgpu(name, {
    through: `WebGPU (${GRAPHICS})`,
    absent: 'this runtime offers no WebGPU',
    mend: MEND[name],
  });
}

/**
 * Opens the best TF.js backend of this machine and makes it current: node-gpu if it finds a GPU, webgpu on a real
 * GPU, node, wasm, cpu. Native ones are tried in a child process first, so that a crash stays there.
 */
export function openBackend(options: OpenOptions = {}): Promise<OpenedBackend> {
  return openOn(nodeMachine, options);
}

/** Every backend of this machine: ready, or the reason and the mend. Each is tried in a child process of its own. */
export function doctor(options: ExamineOptions = {}): Promise<BackendReport[]> {
  return examineAll(nodeMachine, options);
}

function isInstalled(name: string): boolean {
  const here = ownUrl();
  if (!here) return true; // a bundle may have it inside
  try {
    createRequire(here).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** A child process is spared where a look at the disk says enough. */
export async function examine(
  engine: Engine,
  options: ExamineOptions,
  installed = isInstalled,
): Promise<BackendReport | undefined> {
  const absent = engine.packages.filter((name) => !installed(name));
  if (absent.length === 0) return examineInChild(engine, options);
  const { state, reason, mend } = notInstalled(...absent);
  return notReady(engine.name, state, reason, mend);
}
