// TensorFlow's own library through @tensorflow/tfjs-node and @tensorflow/tfjs-node-gpu.
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
// Type only: what is read below exists in the real package.
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js';
import { type Engine, firstLine, type Running, Unavailable } from '../engine.ts';
import { activate, importFailure } from './activate.ts';
import { CUDA_MEND, explainTensorFlow } from './tensorflow-output.ts';

/** The processor, through libtensorflow. */
export const node: Engine = {
  name: 'node',
  packages: ['@tensorflow/tfjs-node'],
  native: true,
  open: async () => {
    const { version, close } = await openTensorFlow('@tensorflow/tfjs-node', async () => {
      try {
        await import('@tensorflow/tfjs-node');
      } catch (error) {
        throw importFailure('@tensorflow/tfjs-node', error);
      }
    });
    return { device: `CPU through TensorFlow ${version}`, tfBackend: 'tensorflow', close };
  },
};

/** NVIDIA's libraries read it when they are loaded. */
const TF32 = 'NVIDIA_TF32_OVERRIDE';

/** An NVIDIA GPU, through libtensorflow and CUDA. */
export const nodeGpu: Engine = {
  name: 'node-gpu',
  packages: ['@tensorflow/tfjs-node-gpu'],
  native: true,
  tellsApart: ['exact'],
  open: async ({ precision, notice }) => {
    const exact = process.env[TF32] === '0';
    const { backend, version, close } = await openTensorFlow('@tensorflow/tfjs-node-gpu', async () => {
      try {
        await import('@tensorflow/tfjs-node-gpu');
      } catch (error) {
        throw importFailure('@tensorflow/tfjs-node-gpu', error);
      }
    });
    if (!backend.isUsingGpuDevice) {
      close();
      throw new Unavailable('no-gpu', `TensorFlow ${version} started and found no GPU that it can use`, CUDA_MEND);
    }
    const device = `NVIDIA GPU through TensorFlow ${version} (CUDA)`;
    if (precision === 'exact' && !exact) {
      const reason = 'TensorFlow multiplies as TF32 does, by 11 bits, on GPUs from Ampere on';
      notice({ reason, mend: `set ${TF32}=0 before the program starts` });
    }
    return { device, tfBackend: 'tensorflow', precision: exact ? 'exact' : 'float32', close };
  },
  explain: explainTensorFlow,
};

interface TensorFlow extends Pick<Running, 'close'> {
  backend: Pick<NodeJSKernelBackend, 'isUsingGpuDevice'>;
  version: string;
}

async function openTensorFlow(name: string, load: () => Promise<void>): Promise<TensorFlow> {
  bringBackIsNullOrUndefined();
  try {
    await load();
  } catch (error) {
    throw whyItDidNotLoad(name, error);
  }
  if (!('tensorflow' in tf.engine().registryFactory)) {
    const mend = 'npm dedupe, or give every TF.js package one version';
    throw new Unavailable('failed', `${name} brought a second copy of @tensorflow/tfjs-core`, mend);
  }
  const close = await activate('tensorflow');
  const backend = tf.backend() as NodeJSKernelBackend;
  return { backend, version: backend.binding.TF_Version, close };
}

/** tfjs-node 4.22 calls two functions of node:util that Node 23 took out. */
function bringBackIsNullOrUndefined(): void {
  const module = util as unknown as Record<string, unknown>; // what require gives tfjs-node
  module.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  module.isArray ??= Array.isArray;
}

function whyItDidNotLoad(name: string, error: unknown): unknown {
  const { code, message = '' } = Object(error) as { code?: string; message?: string };
  if (error instanceof Unavailable) return error;
  if (message.includes('native addon module (tfjs_binding.node) can not be found')) {
    const mend = `npm rebuild ${name} with install scripts allowed (it fetches libtensorflow from storage.googleapis.com)`;
    return new Unavailable('no-native-addon', `${name} is installed without its native addon`, mend);
  }
  if (code === 'ERR_DLOPEN_FAILED') {
    const reason = `the native addon of ${name} does not load: ${firstLine(error)}`;
    return new Unavailable('broken-addon', reason, `npm rebuild ${name} with install scripts allowed`);
  }
  return error;
}
