// Opens a backend of TensorFlow.js: the best one of this browser, or the one that was asked for.
import { openBackend } from '@stridelab/backend';

export const CHOICES = ['webgpu', 'webgl', 'wasm', 'cpu', 'webgpu-software', 'webgl-software'];

// The backend package imports our kernels by name, which a bundler does not see: so they are imported here, where it does.
const KERNELS = {
  webgpu: () => import('@stridelab/webgpu'),
  wasm: () => import('./wasm.js'),
};

/** `choice` is one of CHOICES, or nothing for the best. `onNotice` hears why not the others. */
export async function open(choice, onNotice) {
  const isWanted = (name) => !choice || choice.startsWith(name);
  const wanted = Object.keys(KERNELS).filter((name) => isWanted(name) && (name !== 'webgpu' || navigator.gpu));
  await Promise.all(wanted.map((name) => KERNELS[name]()));
  return await openBackend({ onNotice, ...(choice && { prefer: [choice] }) });
}
