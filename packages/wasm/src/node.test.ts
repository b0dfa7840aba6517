// The backend with threads gives what the backend without them gives.
import './index.ts';
import { EventEmitter } from 'node:events';
import { expectNamedError, openTestBackend, randomValues } from '@stridelab/test-kit';
import { adamUpdate, batchNormTrain, sgdMomentumUpdate, softmaxCrossEntropy, zeroSlots } from '@stridelab/train-ops';
import { type BackendWasm, getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { engineOf } from './engine/engine.ts';
import { openThreadedBackend, WasmError } from './node.ts';

type Slots = ReturnType<typeof zeroSlots>;

const WORK: Record<string, () => tf.Tensor[]> = {
  conv2d: () => {
    const [x, filter] = [deviates([5, 16, 17, 12], 1), deviates([3, 3, 12, 20], 2)];
    const conv = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same');
    return [conv(x, filter), ...gradients((a, b) => conv(a!, b!), [x, filter])];
  },
  'conv2d of many channels': () => {
    const [x, filter] = [deviates([5, 16, 17, 32], 1), deviates([3, 3, 32, 264], 2)];
    const conv = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same');
    return [conv(x, filter), ...gradients((a, b) => conv(a!, b!), [x, filter])];
  },
  'conv2d of one image': () => {
    const [x, filter] = [deviates([1, 32, 32, 16], 1), deviates([3, 3, 16, 16], 2)];
    const conv = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 2, 'same');
    return [conv(x, filter), ...gradients((a, b) => conv(a!, b!), [x, filter])];
  },
  depthwise: () => {
    const [x, filter] = [deviates([4, 40, 40, 16], 1), deviates([3, 3, 16, 1], 2)];
    return gradients((a, b) => tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same'), [x, filter]);
  },
  conv3d: () => {
    const [x, filter] = [deviates([3, 8, 9, 8, 6], 1), deviates([3, 3, 3, 6, 8], 2)];
    return gradients((a, b) => tf.conv3d(a as tf.Tensor5D, b as tf.Tensor5D, 1, 'same'), [x, filter]);
  },
  pools: () => {
    const x = deviates([6, 32, 32, 20], 1);
    return [tf.maxPool, tf.avgPool].flatMap((pool) => gradients((a) => pool(a as tf.Tensor4D, 3, 2, 'same'), [x]));
  },
  sums: () => [tf.sum(deviates([20_000, 18], 1), 0), tf.mean(deviates([5, 4000, 20], 1), 1), tf.sum(deviates([3], 1))],
  matMul: () => [
    tf.matMul(deviates([300, 90], 1), deviates([200, 90], 2), false, true),
    tf.matMul(deviates([7, 60, 70], 1), deviates([7, 60, 40], 2), true, false),
    tf.matMul(deviates([50, 4, 5], 1), deviates([50, 5, 6], 2)),
  ],
  batchNorm: () => {
    const [mean, variance] = [deviates([24], 2) as tf.Tensor1D, tf.ones<tf.Rank.R1>([24])];
    return [tf.batchNorm(deviates([9, 40, 40, 24], 1), mean, variance)];
  },
  'batch norm in training': () => {
    const [x, gamma, beta] = [deviates([9, 40, 40, 22], 1), deviates([22], 2), deviates([22], 3)];
    const norm = (v?: tf.Tensor, g?: tf.Tensor, b?: tf.Tensor) =>
      batchNormTrain(v!, { gamma: g as tf.Tensor1D, beta: b as tf.Tensor1D, relu: true });
    return [...Object.values(norm(x, gamma, beta)), ...gradients((v, g, b) => norm(v, g, b).y, [x, gamma, beta])];
  },
  'cross-entropy': () => {
    const [labels, logits] = [deviates([300, 101], 1) as tf.Tensor2D, deviates([300, 101], 2)];
    return gradients((v) => softmaxCrossEntropy(labels, v as tf.Tensor2D), [logits]);
  },
  updates: () => {
    const weights = [[500, 501], [7], [300, 300], [9]].map((shape, i) => tf.variable(deviates(shape, i + 1)));
    const given = weights.map(({ shape }, i) => deviates(shape, i + 9));
    const [velocity, moment1, moment2] = [1, 2, 3].map(() => zeroSlots(weights)) as [Slots, Slots, Slots];
    const common = { weights, gradients: given, learningRate: 0.1 };
    sgdMomentumUpdate({ ...common, velocity });
    adamUpdate({ ...common, moment1, moment2, step: 1 });
    const variables = [weights, velocity, moment1, moment2].flat();
    const results = variables.map((variable) => tf.add(variable, 0));
    for (const variable of variables) variable.dispose();
    return results;
  },
  'chains of products': () =>
    [
      [9, 7],
      [1, 90],
    ].flatMap(([batch, channels]) => {
      const [x, matrix0, matrix1] = [
        deviates([batch!, 24, 20, channels!], 1),
        deviates([15, 20], 2),
        deviates([18, 24], 3),
      ];
      const chain = { inner: [1, 15], channels: channels!, shape: [batch!, 18, 15, channels!] };
      const inputs = { a: x, b: x, aMatrix0: matrix0, aMatrix1: matrix1, bMatrix0: matrix0, bMatrix1: matrix1 };
      return [
        tf.engine().runKernel('StridelabProductChain', { x, matrix0, matrix1 }, chain) as tf.Tensor,
        tf.engine().runKernel('StridelabChainProducts', inputs, {
          ...{ aInner: [1, 15], bInner: [1, 15], channels: channels! },
        }) as tf.Tensor,
      ];
    }),
  transpose: () => [tf.transpose(deviates([4, 300, 301], 1), [0, 2, 1]), tf.transpose(deviates([600, 601], 1))],
};

function deviates(shape: number[], seed: number) {
  return tf.tensor(randomValues(tf.util.sizeFromShape(shape), seed), shape);
}

function gradients(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  return tf.grads((...xs: tf.Tensor[]) => tf.square(f(...xs)))(inputs);
}

const read = (work: () => tf.Tensor[]) => {
  const results = tf.tidy(work);
  const values = results.map((result) => result.dataSync());
  tf.dispose(results);
  return values;
};

const expected = new Map<string, ArrayLike<number>[]>();

beforeAll(async () => {
  await openTestBackend('wasm');
  for (const [name, work] of Object.entries(WORK)) expected.set(name, read(work));
});

// This process's own listeners and globals, which Emscripten would like to change.
const listeners = () => ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event));

it.each([0, 1.5, Number.NaN, '2'])('refuses %s threads', async (threads) => {
  await expectNamedError(
    () => openThreadedBackend({ threads: threads as number }),
    WasmError,
    `wasm.openThreadedBackend: threads must be a whole number >= 1, got ${typeof threads === 'string' ? "'2'" : threads}`,
  );
});

it('refuses a number in the place of options', async () => {
  const message = 'wasm.openThreadedBackend: options must be some of {threads}, got 2';
  await expectNamedError(() => openThreadedBackend(2 as never), WasmError, message);
});

it.each(['at once', 'later'])(
  'says why threads cannot be had, and leaves the backend that is there: %s',
  async (when) => {
    const before = tf.backend();
    class Worker extends EventEmitter {
      constructor() {
        super();
        if (when === 'at once') throw new Error('no more threads');
        setTimeout(() => this.emit('error', new Error('no more threads')));
      }
      terminate() {}
    }
    vi.doMock('node:worker_threads', () => ({ Worker }));
    await expect(openThreadedBackend({ threads: 3 })).rejects.toThrow('no more threads');
    vi.doUnmock('node:worker_threads');
    expect(tf.backend()).toBe(before);
  },
);

describe.each([1, 2, 3])('%d threads', (threads) => {
  beforeAll(async () => {
    const before = { listeners: listeners(), hasWorker: 'Worker' in globalThis };
    expect(await openThreadedBackend({ threads })).toBe(threads);
    expect({ listeners: listeners(), hasWorker: 'Worker' in globalThis }).toEqual(before);
  });

  afterAll(() => {
    const before = listeners();
    tf.removeBackend('wasm');
    expect(listeners()).toEqual(before);
  });

  it('has as many as it was asked for', () => {
    expect(tf.getBackend()).toBe('wasm');
    expect(getThreadsCount()).toBe(threads);
  });

  it('says so when a call fails on any of them, and goes on working', async () => {
    const engine = engineOf(tf.backend() as BackendWasm);
    const good = engine.address(tf.zeros([4]));
    const outside = 2 ** 32 - 16;
    for (let failing = 0; failing < threads; failing++) {
      const calls = Array.from({ length: threads }, (_, i) => [i === failing ? outside : good, good, 1, 9, 4, 1]);
      expect(() => engine.run('sumRows', calls)).toThrow(
        failing === 0 ? 'out of bounds' : "wasm.run: every thread must come to its end, got 'sumRows'",
      );
    }
    engine.run('sumRows', Array(threads).fill([good, good, 1, 1, 4, 1]));
  });

  it.each(Object.keys(WORK))('%s', async (name) => {
    for (let round = 0; round < 3; round++) {
      for (const [i, values] of read(WORK[name]!).entries()) {
        await expect(values).toBeAllClose(expected.get(name)![i]!, { relative: 1e-5 });
      }
    }
  });
});
