// Runs every test of an operation that TF.js's packages carry, on a backend, and sends its parent the names of those that
// passed and failed. Only in the bundle that run.ts makes.
import { backend, environment, kernels } from './jasmine.ts';
import 'stock:tests';
import { openTestBackend } from '@stridelab/test-kit/backends';
import { engine } from '@tensorflow/tfjs-core';
import type { Outcome } from './run.ts';

await openTestBackend(backend);
if (kernels === 'ours' && backend === 'webgpu') {
  // Its tests compare with what float32 gives.
  (await import('@stridelab/webgpu/training')).registerWebgpuTraining({ precision: 'exact' });
}
if (kernels === 'ours' && backend === 'wasm') (await import('@stridelab/wasm/training')).registerWasmTraining();
// Around each suite, to start backends anew: that of these tests cannot be.
engine().reset = () => {};

const outcome: Outcome = { passed: [], failed: [] };
environment.configure({ random: false });
environment.addReporter({
  specDone({ fullName, status }) {
    if (status === 'passed' || status === 'failed') outcome[status].push(fullName);
  },
});
await environment.execute();
process.send!(outcome, () => process.exit());
