// The backends of a Node process.
import { createRequire } from 'node:module';
import { examineInChild } from './child.ts';
import { type Engine, notReady } from './engine.ts';
import { notInstalled } from './engines/activate.ts';
import { cpu } from './engines/cpu.ts';
import { webgpu, webgpuSoftware } from './engines/dawn.ts';
import { node, nodeGpu } from './engines/tensorflow.ts';
import { wasm } from './engines/wasm.ts';
import { examineAll } from './examine.ts';
import { type Machine, openOn } from './open.ts';
import type { BackendReport, ExamineOptions, OpenedBackend, OpenOptions } from './types.ts';

export const nodeMachine: Machine = {
  engines: [nodeGpu, webgpu, node, wasm, cpu, webgpuSoftware],
  order: ['node-gpu', 'webgpu', 'node', 'wasm', 'cpu'],
  examine,
};

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

const require = createRequire(import.meta.url);

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
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
