// The backend, with everything that training needs of it.
import { type OpenedBackend, openBackend } from '@stridelab/backend';
import type { backendWishes } from './settings.ts';

export interface Opened extends Pick<OpenedBackend, 'name' | 'device' | 'precision' | 'guard' | 'dispose'> {
  onGpu: boolean;
}

export async function openFor(wishes: ReturnType<typeof backendWishes>, out: (line: string) => void): Promise<Opened> {
  const { name, device, precision, guard, dispose } = await openBackend({
    ...wishes,
    boundsChecks: false, // it uses none of those kernels of TF.js that are known to stray
    onNotice: ({ backend, reason, mend }) => out(`not ${backend}: ${reason}${mend ? ` (${mend})` : ''}`),
  });
  return { name, device, precision, guard, dispose, onGpu: name === 'node-gpu' || name === 'webgpu' };
}
