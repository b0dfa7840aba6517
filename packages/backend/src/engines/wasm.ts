import * as tf from '@tensorflow/tfjs-core';
import { type Engine, firstLine, type OpenRequest, Unavailable } from '../engine.ts';
import { activate, importBackend, importKernels } from './activate.ts';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';
const TRAINING = '@stridelab/wasm';

/** XNNPACK compiled to WebAssembly. */
export const wasm: Engine = {
  name: 'wasm',
  packages: [PACKAGE],
  async open(request) {
    const { setWasmPaths, getThreadsCount } = await importBackend(
      PACKAGE,
      () => import('@tensorflow/tfjs-backend-wasm'),
    );
    if (request.wasmPath && !('wasm' in tf.engine().registry)) setWasmPaths(request.wasmPath);
    const close = await activate('wasm').catch((error) => {
      const mend = tf.device_util.isBrowser() ? 'serve its .wasm files, and say where in wasmPath' : undefined;
      throw new Unavailable('failed', `WebAssembly does not start: ${firstLine(error)}`, mend);
    });
    await importTrainingKernels(request);
    const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? ' SIMD' : '';
    const threaded = simd && (await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'));
    const threads = threaded ? `, ${getThreadsCount()} threads` : '';
    return { device: `CPU through WebAssembly${simd}${threads}`, tfBackend: 'wasm', close };
  },
};

/** TF.js's wasm backend has no gradient of a convolution's filters. A program may have imported the kernels itself. */
async function importTrainingKernels({ notice }: OpenRequest): Promise<void> {
  const canTrain = () => tf.getKernel('Conv2DBackpropFilter', 'wasm') !== undefined;
  if (canTrain()) return;
  const failure = await importKernels(TRAINING, async () => {
    const { threadsStarted } = await import('@stridelab/wasm');
    await threadsStarted();
  });
  if (canTrain()) return;
  notice({
    reason: `TF.js's wasm backend cannot train a convolution: ${failure?.reason ?? `${TRAINING} did not add its gradient`}`,
    mend: `npm install ${TRAINING}`,
  });
}
