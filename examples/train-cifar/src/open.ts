// The backend, with everything that training needs of it.
import { type OpenedBackend, openBackend } from '@stridelab/backend';
import { openThreadedBackend } from '@stridelab/wasm/node';
import type { backendWishes } from './settings.ts';

export interface Opened extends Pick<OpenedBackend, 'name' | 'precision' | 'guard' | 'dispose'> {
  /** In words. */
  device: string;
  onGpu: boolean;
}

export async function openFor(wishes: ReturnType<typeof backendWishes>, out: (line: string) => void): Promise<Opened> {
  const { threads, ...request } = wishes;
  const opened = await openBackend({
    ...request,
    boundsChecks: false, // it uses none of those kernels of TF.js that are known to stray
    onNotice: ({ backend, reason, mend }) => out(`not ${backend}: ${reason}${mend ? ` (${mend})` : ''}`),
  });
  const { name, precision } = opened;
  const onGpu = name === 'node-gpu' || name === 'webgpu';
  const common = { name, precision, onGpu, guard: opened.guard, dispose: opened.dispose };
  if (name !== 'wasm') return { ...common, device: opened.device };
  const count = await openThreadedBackend(threads === undefined ? {} : { threads });
  return { ...common, device: `${opened.device}, ${count} ${count === 1 ? 'thread' : 'threads'}` };
}
