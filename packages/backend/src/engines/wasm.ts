import * as tf from '@tensorflow/tfjs-core';
import { type Engine, firstLine, type OpenRequest, Unavailable } from '../engine.ts';
import { activate, importFailure, kernelsFailure } from './activate.ts';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';
const TRAINING = '@stridelab/wasm';

/** XNNPACK compiled to WebAssembly, as TF.js starts it: with threads on pages that may have them, and nowhere else. */
export const wasm = wasmEngine(startAsTfjsDoes);

/** `start` makes the backend current and returns what gives it back. */
export function wasmEngine(start: (request: OpenRequest) => Promise<() => void>): Engine {
  return {
    name: 'wasm',
    packages: [PACKAGE],
    async open(request) {
      const { getThreadsCount } = await importPackage();
      const close = await start(request);
      await importTrainingKernels(request);
      const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? ' SIMD' : '';
      const count = getThreadsCount();
      const threads = count > 1 ? `, ${count} threads` : '';
      return { device: `CPU through WebAssembly${simd}${threads}`, tfBackend: 'wasm', close };
    },
  };
}

export async function startAsTfjsDoes({ wasmPath, threads }: OpenRequest): Promise<() => void> {
  const { setThreadsCount, setWasmPaths } = await importPackage();
  const isRunning = 'wasm' in tf.engine().registry;
  if (wasmPath && !isRunning) setWasmPaths(wasmPath);
  // Without a wish it is TF.js's choice, or that of a program which has told TF.js itself.
  if (threads !== undefined && !isRunning) setThreadsCount(threads);
  return activate('wasm').catch((error) => {
    const mend = tf.device_util.isBrowser() ? 'serve its .wasm files, and say where in wasmPath' : undefined;
    throw new Unavailable('failed', `WebAssembly does not start: ${firstLine(error)}`, mend);
  });
}

async function importPackage() {
  try {
    return await import('@tensorflow/tfjs-backend-wasm');
  } catch (error) {
    throw importFailure(PACKAGE, error);
  }
}

/** TF.js's wasm backend has no gradient of a convolution's filters. A program may have imported the kernels itself. */
async function importTrainingKernels({ notice }: OpenRequest): Promise<void> {
  const canTrain = () => tf.getKernel('Conv2DBackpropFilter', 'wasm') !== undefined;
  if (canTrain()) return;
  let why = `${TRAINING} did not add its gradient`;
  try {
    const { threadsStarted } = await import('@stridelab/wasm');
    await threadsStarted();
  } catch (error) {
    why = kernelsFailure(TRAINING, error).reason;
  }
  if (canTrain()) return;
  notice({ reason: `TF.js's wasm backend cannot train a convolution: ${why}`, mend: `npm install ${TRAINING}` });
}
