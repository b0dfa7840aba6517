// What TF.js's tests expect around them: Jasmine's globals, and a test environment. Imported before any of them.

import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import jasmineRequire from 'jasmine-core/lib/jasmine-core/jasmine.js';

export const backend = process.argv[2] as 'wasm' | 'webgpu';
export const kernels = process.argv[3] as 'ours' | 'stock';

const jasmine = jasmineRequire.core(jasmineRequire);
export const environment = jasmine.getEnv();
Object.assign(globalThis, jasmineRequire.interface(jasmine, environment), { jasmine });
jasmine.DEFAULT_TIMEOUT_INTERVAL = 120_000;

setTestEnvs([
  {
    name: backend,
    backendName: backend,
    // Small tensors would be computed by the processor.
    ...(backend === 'webgpu' ? { flags: { WEBGPU_CPU_FORWARD: false } } : {}),
    isDataSync: backend === 'wasm',
  },
]);
