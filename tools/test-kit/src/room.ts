// The room that an operation on feature maps takes beside them.
import { dispose, getBackend, grads, ones, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { gpuWorkDone } from './backends.ts';
import { peakBytes } from './peak-bytes.ts';

/**
 * Expects f, alone and with its gradient, to need room for at most one map like `inputs[0]` beyond what goes in and what comes
 * out, all that is kept for the way back included. On webgl it is one and a half: what is only seen in another shape is often a
 * copy there.
 */
export async function expectRoomForOneMap(f: (...inputs: Tensor[]) => Tensor, inputs: Tensor[]): Promise<void> {
  const dy = tidy(() => ones(f(...inputs).shape));
  dispose(grads(f)(inputs, dy)); // tables that are made once and shared are not this operation's
  const outputBytes = bytesOf([dy]);
  const mapBytes = bytesOf([inputs[0]!]);
  const maps = (peak: number, results: number) => (peak - results) / mapBytes;
  const alone = peakBytes(() => f(...inputs).dispose());
  let there = 0;
  const thereAndBack = peakBytes((soFar) => {
    const forward = (...xs: Tensor[]) => {
      const y = f(...xs);
      there = soFar();
      return y;
    };
    dispose(grads(forward)(inputs, dy));
  });
  dy.dispose();
  await gpuWorkDone(); // in the time of the test
  const room = getBackend() === 'webgl' ? 1.5 : 1;
  expect(maps(alone, outputBytes), 'maps beyond input and output').toBeLessThanOrEqual(room);
  expect(maps(there, outputBytes), 'the same under a tape').toBeLessThanOrEqual(room);
  expect(maps(thereAndBack, outputBytes + bytesOf(inputs)), 'the same with gradients').toBeLessThanOrEqual(room);
}

function bytesOf(tensors: Tensor[]): number {
  return tensors.reduce((bytes, { size }) => bytes + 4 * size, 0);
}
