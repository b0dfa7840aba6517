// openBackend from end to end, in a Node process of its own for each state of TensorFlow's packages.
import { afterEach, expect, it, vi } from 'vitest';
import { runFixture, sourceEnv, stubEnv, stubTensorFlow } from './stubs/child.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

async function opening(...prefer: string[]) {
  const { stdout } = await runFixture('opening.ts', ...prefer);
  return JSON.parse(stdout);
}

it('takes an NVIDIA GPU through TensorFlow before everything else', async () => {
  stubTensorFlow('working');
  expect(await opening()).toEqual({
    name: 'node-gpu',
    device: 'NVIDIA A100-SXM4-40GB through TensorFlow 2.9.1 (CUDA)',
    precision: 'float32',
    notes: [],
    product: 32,
    current: 'tensorflow',
  });
});

it('goes on to the next where TensorFlow finds no GPU, and says why', async () => {
  stubTensorFlow('without-cuda', ['@tensorflow/tfjs-node-gpu']);
  const { name, notes, product } = await opening('node-gpu', 'wasm');
  expect({ name, product }).toEqual({ name: 'wasm', product: 32 });
  expect(notes[0]).toEqual({
    backend: 'node-gpu',
    reason: 'TensorFlow does not find the CUDA libraries libcudart.so.11.0, libcudnn.so.8',
    mend: 'install CUDA 11.2 and cuDNN 8.1, and name their folder in LD_LIBRARY_PATH (on Windows PATH)',
  });
});

it.each(['aborting', 'without-gpu', 'working-on-cpu'])('never gives the processor for node-gpu: %s', async (state) => {
  stubTensorFlow(state);
  const { error, message } = await opening('node-gpu');
  expect(error).toBe('BackendError');
  expect(message).toMatch(
    /^backend\.openBackend: one of prefer must be ready here; node-gpu: .+ \(mend: .+\), got \['node-gpu'\]$/,
  );
});

it.skipIf(process.env.STRIDELAB_GPU === '1')('takes the processor through TensorFlow before WebAssembly', async () => {
  stubTensorFlow('working-on-cpu');
  const { name, device, notes } = await opening();
  expect({ name, device }).toEqual({ name: 'node', device: 'CPU through TensorFlow 2.9.1' });
  expect(notes.map(({ backend }: { backend: string }) => backend)).toEqual(['node-gpu', 'webgpu']);
});

it('does without threads where the package of threads is not installed', async () => {
  stubEnv(sourceEnv({ '@stridelab/wasm': 'absent', '@stridelab/wasm/node': 'absent' }));
  const { device, notes, product } = await opening('wasm');
  expect({ device, product }).toEqual({ device: 'CPU through WebAssembly SIMD', product: 32 });
  expect(notes).toEqual([
    {
      backend: 'wasm',
      reason: "TF.js's wasm backend cannot train a convolution: @stridelab/wasm is not installed",
      mend: 'npm install @stridelab/wasm',
    },
  ]);
});

it('goes on with one thread where others do not start, and says why', async () => {
  const broken = "export async function openThreadedBackend() { throw new Error('no memory to share\\nmore'); }";
  stubEnv(sourceEnv({ '@stridelab/wasm/node': `data:text/javascript,${encodeURIComponent(broken)}` }));
  const { device, notes, product } = await opening('wasm');
  expect({ device, product }).toEqual({ device: 'CPU through WebAssembly SIMD', product: 32 });
  expect(notes).toEqual([
    { backend: 'wasm', reason: 'WebAssembly works on one thread alone, as others do not start: no memory to share' },
  ]);
});

it('does so with the real packages without their addon: the error says how to mend it', async () => {
  stubEnv(sourceEnv());
  expect(await opening('node-gpu')).toEqual({
    error: 'BackendError',
    message:
      "backend.openBackend: one of prefer must be ready here; node-gpu: @tensorflow/tfjs-node-gpu is installed without its native addon (mend: npm rebuild @tensorflow/tfjs-node-gpu with install scripts allowed (it fetches libtensorflow from storage.googleapis.com)), got ['node-gpu']",
  });
});
