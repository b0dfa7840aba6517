// A long training keeps nothing: neither tensors, nor memory on the GPU, though the maps change their size on the way.
import '../index.ts';
import { DiffStride } from '@stridelab/diffstride';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { captureStep } from '../capture/capture-step.ts';
import { type SmallTraining, smallTraining, steps, turn } from './small-training.ts';

const COUNT = steps(1000, 16);
/** Everything that is made once is there by then. */
const SETTLED = steps(100, 8);

interface Held {
  numTensors: number;
  numDataBuffers: number;
  numBytes: number;
  /** Buffers that wait to be used again are counted. */
  numBytesAllocatedInGPU: number;
}

/** A step of the training, as it is or recorded; and what is to be done when it is over. */
const ways: Record<string, (training: SmallTraining) => Promise<[SmallTraining['update'], () => void]>> = {
  'as it is': async ({ update }) => [update, () => {}],
  async recorded({ model, update }) {
    // Nobody reads strides within a recorded step; a trainer tells them to the layers, here they stay.
    for (const layer of model.layers) if (layer instanceof DiffStride) layer.followStrides(await layer.readStrides());
    const step = captureStep((x: tf.Tensor, y: tf.Tensor) => update(x as tf.Tensor4D, y as tf.Tensor2D));
    return [
      step,
      () => {
        expect(step.statistics).toMatchObject({ replays: COUNT - 3, recordings: 1 });
        step.dispose();
      },
    ];
  },
};

it.each(Object.keys(ways))(
  `%s, holds after ${COUNT} steps what it held after ${SETTLED}`,
  async (way) => {
    await openTestBackend('webgpu');
    const training = smallTraining();
    const [step, end] = await ways[way]!(training);
    const held = () => tf.memory() as unknown as Held;
    let before = held();
    let most = 0;
    for (let i = 0; i < COUNT; i++) {
      const { images, labels } = training.batch(i);
      const loss = step(images, labels);
      await loss.data();
      loss.dispose();
      await turn();
      if (i + 1 <= SETTLED) before = held();
      else most = Math.max(most, held().numBytesAllocatedInGPU);
    }
    const after = held();
    console.log(
      `note: ${COUNT} steps, ${way}: ${after.numTensors} tensors before and after, GPU memory ${before.numBytesAllocatedInGPU} bytes ` +
        `after ${SETTLED} steps, ${after.numBytesAllocatedInGPU} at the end, ${most} at most`,
    );
    expect({ tensors: after.numTensors, buffers: after.numDataBuffers }).toEqual({
      tensors: before.numTensors,
      buffers: before.numDataBuffers,
    });
    // Maps of another size want other buffers beside those that wait; that is bounded, and no growth.
    expect(most).toBeLessThanOrEqual(1.25 * before.numBytesAllocatedInGPU);
    end();
    training.dispose();
  },
  600_000,
);
