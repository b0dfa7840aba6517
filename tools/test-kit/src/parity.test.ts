// The comparison itself: it must find what it is for.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type BackendName, openTestBackend, unavailable } from './backends.ts';
import { parityOn, random } from './parity.ts';

describe.each(['wasm', 'webgpu'] as const)('on %s', (backend: BackendName) => {
  if (unavailable.has(backend)) {
    it.skip(`skipped: ${unavailable.get(backend)}`, () => {});
    return;
  }
  const expectParity = parityOn(backend);
  const isHere = () => tf.getBackend() === backend;

  it('passes what is the same', async () => {
    await expectParity([random([3, 4])], (x) => [tf.square(x!), tf.sum(x!)]);
  });

  it.each<[string, (x: tf.Tensor) => tf.Tensor, RegExp]>([
    ['other values', (x) => tf.mul(x, isHere() ? 1.01 : 1), /worst element/],
    ['another shape', (x) => (isHere() ? tf.reshape(x, [12]) : tf.square(x)), /shape/],
    ['another type', (x) => tf.cast(x, isHere() ? 'int32' : 'float32'), /dtype/],
    ['a tensor that is left behind', (x) => tf.keep(tf.square(x)) && tf.square(x), /left behind/],
  ])('finds %s', async (_, work, words) => {
    await expect(expectParity([random([3, 4])], work as never)).rejects.toThrow(words);
  });

  it('finds results that are not written', async () => {
    // A kernel that leaves its output as it finds it.
    const kernelName = 'TestKitUnwritten';
    tf.registerKernel({
      kernelName,
      backendName: backend,
      kernelFunc: ({ inputs, backend: own }) => unwritten(own as never, inputs.x!),
    });
    const work = (x: tf.Tensor) => {
      if (!isHere()) return tf.square(x);
      return tf.engine().runKernel(kernelName, { x }) as tf.Tensor;
    };
    await openTestBackend(backend);
    // Where the right result has just been.
    tf.tidy(() => void tf.square(tf.tensor(random([50]).values)));
    await expect(expectParity([random([50])], work as never)).rejects.toThrow(/got NaN/);
    tf.unregisterKernel(kernelName, backend);
  });
});

interface Backends {
  makeOutput(shape: number[], dtype: string): tf.TensorInfo;
  makeTensorInfo(shape: number[], dtype: string): tf.TensorInfo;
  uploadToGPU?(dataId: object): void;
}

function unwritten(backend: Backends, { shape }: tf.TensorInfo): tf.TensorInfo {
  if (!backend.uploadToGPU) return backend.makeOutput(shape, 'float32');
  const output = backend.makeTensorInfo(shape, 'float32');
  backend.uploadToGPU(output.dataId);
  return output;
}
