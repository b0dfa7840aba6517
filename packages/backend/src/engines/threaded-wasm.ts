// WebAssembly on all cores where there is no page: TF.js starts its threads in browsers alone, and @stridelab/wasm elsewhere.
import * as tf from '@tensorflow/tfjs-core';
import { firstLine } from '../engine.ts';
import { replacementOf } from './activate.ts';
import { startAsTfjsDoes, wasmEngine } from './wasm.ts';

export const threadedWasm = wasmEngine(async (request) => {
  const { threads, notice } = request;
  const { registry, registryFactory } = tf.engine();
  // A backend that runs is somebody's, and a new one would take its tensors away.
  if (threads === 1 || 'wasm' in registry) return startAsTfjsDoes(request);
  let threaded: typeof import('@stridelab/wasm/node');
  try {
    threaded = await import('@stridelab/wasm/node');
  } catch {
    return startAsTfjsDoes(request); // without the package it cannot train either, which the engine says
  }
  const before = registryFactory.wasm;
  try {
    await threaded.openThreadedBackend({ threads });
  } catch (error) {
    notice({ reason: `WebAssembly works on one thread alone, as others do not start: ${firstLine(error)}` });
    return startAsTfjsDoes(request);
  }
  return replacementOf('wasm', tf.backend(), before);
});
