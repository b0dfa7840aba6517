// What the browser's entry does in a page; browser.test.ts looks at the result.
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { type BackendReport, doctor, type OpenedBackend, type OpenOptions, openBackend } from '../browser.ts';

type Opening = Pick<OpenedBackend, 'name' | 'device' | 'notes' | 'precision'> & {
  values: number[];
  /** Whether kernels of ours are there. */
  trains: boolean;
};

export interface PageResult {
  doctor: BackendReport[];
  best: Opening;
  webgpu: Opening;
  webgl: Opening;
  webglExact: Opening;
  webglHalf: Opening;
  refused: string;
  lost: { webgpu: string[]; webgl: string[] };
  webgpuOfTfjsIsBack: boolean;
}

const wasmPath = '/wasm/';

async function using(options: OpenOptions): Promise<Opening> {
  const backend = await openBackend({ wasmPath, ...options });
  const x = tf.matMul(tf.ones([2, 7]), tf.ones([7, 2]));
  const values = [...(await x.data())];
  const trains = tf.getKernel('StridelabSgdMomentumUpdate', backend.tfBackend) !== undefined;
  await backend.dispose();
  const { name, device, notes, precision } = backend;
  return { name, device, notes, precision, values, trains };
}

const words = (error: Error) => `${error.name}: ${error.message}`;

/** How reading, guarded work and `lost` end when `lose` takes the device away. */
async function losing(prefer: OpenOptions['prefer'], lose: () => void): Promise<string[]> {
  const backend = await openBackend({ prefer });
  const reading = tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).data();
  const work = backend.guard(prefer![0] === 'webgpu-software' ? reading : new Promise(() => {}));
  lose();
  const ends = [await work.then(() => 'done', words), words(await backend.lost)];
  await backend.dispose();
  return ends;
}

async function all(): Promise<PageResult> {
  return {
    doctor: await doctor({ wasmPath }),
    best: await using({}),
    webgpu: await using({ prefer: ['webgpu-software'] }),
    webgl: await using({ prefer: ['webgl-software'] }),
    webglExact: await using({ prefer: ['webgl-software'], precision: 'exact' }),
    webglHalf: await using({ prefer: ['webgl-software'], precision: 'float16' }),
    refused: await using({ prefer: ['webgl'] }).then(() => 'opened', words),
    lost: {
      webgpu: await losing(['webgpu-software'], () => (tf.backend() as WebGPUBackend).device.destroy()),
      webgl: await losing(['webgl-software'], () => {
        const { gl } = (tf.backend() as MathBackendWebGL).gpgpu;
        gl.getExtension('WEBGL_lose_context')!.loseContext();
      }),
    },
    webgpuOfTfjsIsBack: 'webgpu' in tf.engine().registryFactory,
  };
}

const result = await all().catch((error: Error) => ({ failed: error.stack }));
Object.assign(globalThis, { result });
