// Each state that TensorFlow's packages can be in, in a real child process with the package stubbed where it is imported.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { examineInChild } from '../child.ts';
import { examine } from '../node.ts';
import { runFixture, sourceEnv, stubEnv, stubTensorFlow } from '../stubs/child.ts';
import { node, nodeGpu } from './tensorflow.ts';

afterEach(() => vi.unstubAllEnvs());

const REBUILD = (name: string) =>
  `npm rebuild ${name} with install scripts allowed (it fetches libtensorflow from storage.googleapis.com)`;

describe('node-gpu', () => {
  it.each([
    ['absent', 'not-installed', '@tensorflow/tfjs-node-gpu is not installed', 'npm install @tensorflow/tfjs-node-gpu'],
    [
      'without-addon',
      'no-native-addon',
      '@tensorflow/tfjs-node-gpu is installed without its native addon',
      REBUILD('@tensorflow/tfjs-node-gpu'),
    ],
    [
      'with-broken-addon',
      'broken-addon',
      /^the native addon of @tensorflow\/tfjs-node-gpu does not load: .*\.node/,
      'npm rebuild @tensorflow/tfjs-node-gpu with install scripts allowed',
    ],
    [
      'without-cuda',
      'no-cuda-libraries',
      'TensorFlow does not find the CUDA libraries libcudart.so.11.0, libcudnn.so.8',
      'install CUDA 11.2 and cuDNN 8.1, and name their folder in LD_LIBRARY_PATH (on Windows PATH)',
    ],
    [
      'without-driver',
      'no-gpu',
      'there is no NVIDIA driver here (no libcuda)',
      'install the NVIDIA driver, CUDA 11.2 and cuDNN 8.1',
    ],
    [
      'without-gpu',
      'no-gpu',
      'the NVIDIA driver offers no GPU: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected',
      'see that nvidia-smi lists a GPU and that CUDA_VISIBLE_DEVICES does not hide it',
    ],
    [
      'silent-without-gpu',
      'no-gpu',
      'TensorFlow 2.9.1 started and found no GPU that it can use',
      'install the NVIDIA driver, CUDA 11.2 and cuDNN 8.1',
    ],
    [
      'with-a-convolution-that-fails',
      'failed',
      'Failed to get convolution algorithm. This is probably because cuDNN failed to initialize',
      undefined,
    ],
    ['computing-wrong', 'failed', 'a convolution of ones sums to 0, and must to 216', undefined],
    [
      'with-its-own-core',
      'failed',
      '@tensorflow/tfjs-node-gpu brought a second copy of @tensorflow/tfjs-core',
      'npm dedupe, or give every TF.js package one version',
    ],
    [
      'aborting',
      'crashed',
      'its native library took the process down (SIGABRT): terminate called after throwing an instance of std::bad_alloc',
      "update the GPU's driver and the package",
    ],
    [
      'using-avx',
      'crashed',
      'its native library took the process down (SIGILL)',
      'the prebuilt library needs a processor with AVX',
    ],
    [
      'exiting',
      'crashed',
      'its native library took the process down (exit code 3)',
      "update the GPU's driver and the package",
    ],
  ])('%s', async (stub, state, reason, mend) => {
    stubTensorFlow(stub);
    const report = await examineInChild(nodeGpu, {});
    expect(report).toMatchObject({ name: 'node-gpu', ready: false, state });
    if (typeof reason === 'string') expect(report!.reason).toBe(reason);
    else expect(report!.reason).toMatch(reason);
    expect(report!.mend).toBe(mend);
  });

  it('hanging', async () => {
    stubTensorFlow('hanging');
    expect(await examineInChild(nodeGpu, { timeout: 8000 })).toEqual({
      name: 'node-gpu',
      ready: false,
      state: 'hung',
      reason: 'its native library gave no answer within 8 s',
      mend: 'a first start on a new GPU may compile for minutes: give it more time (timeout)',
    });
  });

  it('working', async () => {
    stubTensorFlow('working');
    expect(await examineInChild(nodeGpu, {})).toEqual({
      name: 'node-gpu',
      ready: true,
      state: 'ready',
      device: 'NVIDIA A100-SXM4-40GB through TensorFlow 2.9.1 (CUDA)',
    });
  });

  it.each([
    ['0', 'exact', []],
    [
      '1',
      'float32',
      [
        {
          backend: 'node-gpu',
          reason: 'TensorFlow multiplies as TF32 does, by 11 bits, on GPUs from Ampere on',
          mend: 'set NVIDIA_TF32_OVERRIDE=0 before the program starts',
        },
      ],
    ],
  ])('exact where NVIDIA_TF32_OVERRIDE is %s', async (override, precision, notes) => {
    stubTensorFlow('working');
    stubEnv({ NVIDIA_TF32_OVERRIDE: override, PRECISION: 'exact' });
    const { stdout } = await runFixture('opening.ts', 'node-gpu');
    expect(JSON.parse(stdout)).toMatchObject({ name: 'node-gpu', precision, notes });
  });

  it('working on Node 23, where node:util lacks what it calls', async () => {
    stubTensorFlow('calling-node-util');
    vi.stubEnv('STUB_NODE_23', '1');
    expect(await examineInChild(nodeGpu, {})).toMatchObject({
      ready: true,
      device: 'NVIDIA GPU through TensorFlow 2.9.1 (CUDA)',
    });
  });
});

describe('node', () => {
  it('working', async () => {
    stubTensorFlow('working-on-cpu');
    expect(await examineInChild(node, {})).toMatchObject({ ready: true, device: 'CPU through TensorFlow 2.9.1' });
  });
});

// The packages themselves: this workspace runs no install scripts, and so they are here without libtensorflow.
it.each([
  [nodeGpu, '@tensorflow/tfjs-node-gpu'],
  [node, '@tensorflow/tfjs-node'],
] as const)('the real package without its addon: %o', async (engine, name) => {
  stubEnv(sourceEnv());
  expect(await examine(engine, {})).toEqual({
    name: engine.name,
    ready: false,
    state: 'no-native-addon',
    reason: `${name} is installed without its native addon`,
    mend: REBUILD(name),
  });
});

it('starts no child process for a package that is not there', async () => {
  expect(await examine(nodeGpu, {}, () => false)).toEqual({
    name: 'node-gpu',
    ready: false,
    state: 'not-installed',
    reason: '@tensorflow/tfjs-node-gpu is not installed',
    mend: 'npm install @tensorflow/tfjs-node-gpu',
  });
});
