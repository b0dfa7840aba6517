// Scales that batch normalization, and the kernel of weighted matrices, leave of what they write, for the products that read it.
import '../index.ts';
import { openTestBackend, randomValues } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import { batchNormTrain } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { captureStep } from '../capture/capture-step.ts';
import { type Backend, internalsOf } from '../gpu/backend.ts';
import { pipelinesOf } from '../testing/pipelines.ts';
import { openTiers, SMALL, withChoice } from '../testing/tiers.ts';
import { forgetScales, scaleOf, scalesOf } from './scale.ts';
import { PARTIALS } from './scale-code.ts';

const units = (await openTiers())('matrix') ? SMALL.matrix : SMALL.emulated;

let backend: Backend;
beforeAll(async () => {
  await openTestBackend('webgpu');
  backend = internalsOf(tf.backend());
});
beforeEach(() => forgetScales(backend));

const tensorOf = (shape: number[], seed: number, change = (value: number, _i: number) => value) =>
  tf.tensor(randomValues(tf.util.sizeFromShape(shape), seed).map(change), shape);

function normalized(x: tf.Tensor, relu: boolean): tf.Tensor {
  const channels = x.shape.at(-1)!;
  const [gamma, beta] = [tensorOf([channels], 2), tensorOf([channels], 3)] as tf.Tensor1D[];
  return batchNormTrain(x, { gamma: gamma!, beta: beta!, relu }).y;
}

const gradientOf = (x: tf.Tensor, relu: boolean) =>
  tf.grad((v) => tf.sum(tf.mul(normalized(v, relu), tensorOf(x.shape, 4))))(x);

function flush(): void {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/** The largest of what was found of `x`; nothing is looked for now. */
async function foundOf(x: tf.Tensor): Promise<number> {
  const dispatches = vi.spyOn(backend.device, 'createBindGroup');
  const { place, count } = scaleOf(backend, x);
  expect(dispatches).not.toHaveBeenCalled();
  dispatches.mockRestore();
  flush();
  const buffer = backend.device.createBuffer({
    size: 4 * count,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  });
  const encoder = backend.device.createCommandEncoder();
  const scales = backend.tensorMap.get(scalesOf(backend).dataId).resource!;
  encoder.copyBufferToBuffer(scales, 4 * place * PARTIALS, buffer, 0, 4 * count);
  backend.queue.submit([encoder.finish()]);
  await buffer.mapAsync(GPUMapMode.READ);
  const largest = Math.max(...new Float32Array(buffer.getMappedRange()));
  buffer.destroy();
  return largest;
}

async function largestOf(x: tf.Tensor): Promise<number> {
  const finite = [...(await x.data<'float32'>())].filter(Number.isFinite);
  return finite.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

describe.each([false, true])('relu %j', (relu) => {
  it.each([[[2, 5, 7, 8]], [[3, 9, 11, 5]], [[1, 6]], [[40, 30, 4]], [[1100, 33]], [[3200, 128]], [[5000, 1]]])(
    'of %j, forward and backward',
    async (shape) => {
      await withChoice(units, async () => {
        const x = tensorOf(shape, 1);
        const [y, dx] = tf.tidy(() => [normalized(x, relu), gradientOf(x, relu)] as const);
        expect(await foundOf(y)).toBe(await largestOf(y));
        expect(await foundOf(dx)).toBe(await largestOf(dx));
        tf.dispose([x, y, dx]);
      });
      expect(await takeGpuErrors()).toEqual([]);
    },
  );

  it('of what is finite', async () => {
    await withChoice(units, async () => {
      const x = tensorOf([50, 8], 1, (value, i) =>
        i === 83 ? Number.NaN : i === 100 ? Number.POSITIVE_INFINITY : value,
      );
      const y = tf.tidy(() => normalized(x, relu));
      expect(await foundOf(y)).toBe(await largestOf(y));
      expect(await foundOf(y)).toBeGreaterThan(0);
      tf.dispose([x, y]);
    });
  });
});

describe('of weighted matrices', () => {
  const weighted = ([rows, bins, columns]: readonly number[]) => {
    const [left, right] = [tensorOf([rows!, 2 * bins!], 2), tensorOf([2 * bins!, columns!], 3)];
    const inputs = { left, right, weights: tensorOf([bins!], 4) };
    return tf.engine().runKernel('StridelabWeightedProduct', inputs, { repeat: 2 }) as tf.Tensor;
  };

  it.each([[[1, 1, 1]], [[3, 5, 7]], [[18, 10, 40]], [[8, 4, 32]], [[130, 9, 65]], [[128, 2, 128]]])(
    '%j',
    async (sizes) => {
      await withChoice(units, async () => {
        const matrix = weighted(sizes);
        expect(await foundOf(matrix)).toBe(await largestOf(matrix));
        matrix.dispose();
      });
      expect(await takeGpuErrors()).toEqual([]);
    },
  );

  it('not of more workgroups than a scale has parts', async () => {
    const searches = (labels: string[]) => labels.filter((label) => label.startsWith('StridelabLargest')).length;
    await withChoice(units, async () => {
      const [large, small] = [tf.tidy(() => weighted([129, 2, 128])), tf.tidy(() => weighted([128, 2, 128]))];
      expect(searches(pipelinesOf(() => tf.matMul(large as tf.Tensor2D, small as tf.Tensor2D)))).toBe(1);
      tf.dispose([large, small]);
    });
  });
});

const filter = () => tensorOf([3, 3, 8, 8], 5) as tf.Tensor4D;
const convolved = (x: tf.Tensor, kernel: tf.Tensor4D) =>
  tf.conv2d(normalized(x, true) as tf.Tensor4D, kernel, 1, 'same');

it('is what a convolution takes: of its operands it looks at the filter alone', async () => {
  const [x, kernel] = [tensorOf([2, 6, 6, 8], 1), filter()];
  const searches = (labels: string[]) => labels.filter((label) => label.startsWith('StridelabLargest')).length;
  await withChoice(units, async () => {
    expect(searches(pipelinesOf(() => convolved(x, kernel)))).toBe(1);
    const gradients = () => tf.grads((v, k) => tf.square(convolved(v!, k as tf.Tensor4D)))([x, kernel]);
    forgetScales(backend);
    expect(searches(pipelinesOf(gradients))).toBe(2); // and dy, which is none of batch normalization's
  });
  tf.dispose([x, kernel]);
});

it('is left where a product may take it, and nowhere else', async () => {
  const x = tensorOf([2, 6, 6, 8], 1);
  const left = () => pipelinesOf(() => gradientOf(x, true)).filter((label) => label.endsWith(' left')).length;
  await withChoice(units, async () => expect(left()).toBe(4));
  await withChoice(SMALL.plain, async () => expect(left()).toBe(0));
  x.dispose();
});

it('is found anew by each replay', async () => {
  const kernel = filter();
  const step = (x: tf.Tensor) => {
    const { value, grads } = tf.valueAndGrads((v, k) => tf.square(convolved(v!, k as tf.Tensor4D)))([x, kernel]);
    return [value, ...grads];
  };
  const read = async (tensors: tf.Tensor[]) => {
    const values = await Promise.all(tensors.map((tensor) => tensor.data()));
    tf.dispose(tensors);
    return values;
  };
  await withChoice(units, async () => {
    const captured = captureStep(step);
    // The largest magnitude goes up and comes down again.
    for (const scale of [1, 1, 1, 2 ** 30, 2 ** -30, 1]) {
      const x = tensorOf([2, 6, 6, 8], 1, (value, i) => (i % 8 ? value : value * scale));
      expect(await read(captured(x))).toEqual(await read(tf.tidy(() => step(x))));
      x.dispose();
    }
    expect(captured.statistics.replays).toBeGreaterThan(2);
    captured.dispose();
  });
  kernel.dispose();
});
