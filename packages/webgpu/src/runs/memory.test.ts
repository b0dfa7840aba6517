// A long training keeps nothing: neither tensors, nor memory on the GPU, though the maps change their size on the way.
import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { smallTraining, steps, turn } from './small-training.ts';

const COUNT = steps(1000, 30);
/** Everything that is made once is there by then. */
const SETTLED = steps(100, 10);

interface Held {
  numTensors: number;
  numDataBuffers: number;
  numBytes: number;
  /** Buffers that wait to be used again are counted. */
  numBytesAllocatedInGPU: number;
}

it(`holds after ${COUNT} steps what it held after ${SETTLED}`, async () => {
  await openTestBackend('webgpu');
  const training = smallTraining();
  const held = () => tf.memory() as unknown as Held;
  let before = held();
  let most = 0;
  for (let i = 0; i < COUNT; i++) {
    const loss = training.step();
    await loss.data();
    loss.dispose();
    await turn();
    if (i + 1 <= SETTLED) before = held();
    else most = Math.max(most, held().numBytesAllocatedInGPU);
  }
  const after = held();
  console.log(
    `note: ${COUNT} steps: ${after.numTensors} tensors before and after, GPU memory ${before.numBytesAllocatedInGPU} bytes after ` +
      `${SETTLED} steps, ${after.numBytesAllocatedInGPU} at the end, ${most} at most`,
  );
  expect({ tensors: after.numTensors, buffers: after.numDataBuffers }).toEqual({
    tensors: before.numTensors,
    buffers: before.numDataBuffers,
  });
  // Maps of another size want other buffers beside those that wait; that is bounded, and no growth.
  expect(most).toBeLessThanOrEqual(1.25 * before.numBytesAllocatedInGPU);
  training.dispose();
});
