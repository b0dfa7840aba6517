// Opens a backend of TensorFlow.js: the best one of this browser, or the one that was asked for.
import { openBackend } from '@stridelab/backend';
import { wasmPath } from './wasm.js';

export const CHOICES = ['webgpu', 'webgl', 'wasm', 'cpu', 'webgpu-software', 'webgl-software'];

/** `choice` is one of CHOICES, or nothing for the best. `onNotice` hears why not the others. */
export function open(choice, onNotice) {
  return openBackend({ onNotice, wasmPath, ...(choice && { prefer: [choice] }) });
}
