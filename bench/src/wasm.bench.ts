// Training kernels of the wasm backend: against the forward convolution, and against TF.js's own kernels.
import { irfft2, rfft2 } from '@stridelab/fft-ops';
import { openTestBackend } from '@stridelab/test-kit/backends';
import { openThreadedBackend } from '@stridelab/wasm/node';
import { registerWasmTraining } from '@stridelab/wasm/training';
import * as tf from '@tensorflow/tfjs-core';
import {
  type Benchmark,
  type BenchmarkContext,
  markdownTable,
  milliseconds,
  processorTime,
  race,
  ratio,
  summarize,
  type Timing,
  type Work,
} from './harness.ts';
import { convolutionTable } from './wasm/convolutions.ts';
import { depthwiseTable } from './wasm/depthwise.ts';
import { fitTable } from './wasm/fits.ts';
import { BATCH, stepTimes } from './wasm/resnet8.ts';
import { withTfjs } from './wasm/with-tfjs.ts';

const benchmark: Benchmark = {
  title: 'wasm: training kernels',
  async run(context) {
    if (!context.backends.includes('wasm')) return;
    await openTestBackend('wasm');
    // One thread does it all.
    context.print(`${await convolutionTable({ rounds: context.rounds, clock: processorTime })}\n`);
    await otherConvolutions(context);
    context.print(`${await depthwiseTable({ rounds: context.rounds, clock: processorTime })}\n`);
    await otherKernels(context);
    context.print(`${await fitTable(context.rounds)}\n`);
    await resnetSteps(context);
  },
};

export default benchmark;

/** Forward, what goes by sums over the taps, of a filter that is new and of one that never changes. */
const BY_TAPS = [
  { x: [32, 32, 32, 16], filter: [3, 3, 16, 32], strides: 2 },
  { x: [32, 16, 16, 64], filter: [1, 1, 64, 128], strides: 1 },
  { x: [32, 32, 32, 30], filter: [3, 3, 30, 30], strides: 1 },
  { x: [4, 224, 224, 3], filter: [7, 7, 3, 64], strides: 2 },
  { x: [1, 4, 4, 512], filter: [3, 3, 512, 512], strides: 1 },
] as const;

async function otherConvolutions({ rounds, print }: BenchmarkContext) {
  registerWasmTraining();
  const rows: string[][] = [];
  for (const { x: shape, filter: filterShape, strides } of BY_TAPS) {
    const x = tf.randomNormal([...shape]) as tf.Tensor4D;
    const filter = tf.randomNormal([...filterShape]) as tf.Tensor4D;
    const fresh = () => tf.conv2d(x, tf.add(filter, 0) as tf.Tensor4D, strides, 'same');
    const fixed = () => tf.conv2d(x, filter, strides, 'same');
    const timing = await race(
      { fresh, fixed, ownFresh: withTfjs(fresh), ownFixed: withTfjs(fixed) },
      { rounds, clock: processorTime },
    );
    const times = (ours: Timing, own: Timing) =>
      `${milliseconds(ours)} / ${milliseconds(own)} ms, ${ratio(own, ours).median.toFixed(2)}x`;
    rows.push([
      `[${shape.join(', ')}]`,
      `[${filterShape.join(', ')}], stride ${strides}`,
      times(timing.fresh, timing.ownFresh),
      times(timing.fixed, timing.ownFixed),
    ]);
    tf.dispose([x, filter]);
  }
  print(`${markdownTable(['x', 'filter', 'new filter, ours / TF.js', 'the same filter, ours / TF.js'], rows)}\n`);
}

/** Every other kernel that is replaced, on a typical tensor. */
async function otherKernels({ rounds, print }: BenchmarkContext) {
  const x = tf.randomNormal<tf.Rank.R4>([32, 32, 32, 64]);
  const pooled = tf.maxPool(x, 2, 2, 'same');
  const perChannel = tf.ones<tf.Rank.R1>([64]);
  const matrix = tf.randomNormal([512, 512]);
  const stack = tf.randomNormal([32, 128, 128]);
  const row = tf.ones([1, 1, 1, 64]);
  const pool = { filterSize: [2, 2], strides: [2, 2], pad: 'same' };
  const volume = tf.randomNormal<tf.Rank.R5>([4, 8, 16, 16, 16]);
  const volumeFilter = tf.randomNormal<tf.Rank.R5>([3, 3, 3, 16, 16]);
  const run = (name: string, inputs: tf.NamedTensorMap, attrs: object) =>
    tf.engine().runKernel(name, inputs, { ...attrs }) as tf.Tensor;
  const conv3d = { strides: 1, pad: 'same' };
  const photograph = tf.randomNormal([1, 512, 512, 3]);
  const thereAndBack = (images: tf.Tensor) =>
    irfft2(rfft2(images, { axes: [1, 2] }), { s: images.shape.slice(1, 3), axes: [1, 2] });
  const both = (f: (v: tf.Tensor) => tf.Tensor, v: tf.Tensor, dy: tf.Tensor) => tf.grad(f)(v, dy);
  const toTwice = (v: tf.Tensor) => tf.image.resizeNearestNeighbor(v as tf.Tensor4D, [32, 32]);
  const peaks = tf.ones([32, 64]);
  const slopes = tf.randomNormal([64]);
  const prelu = tf.grads((v: tf.Tensor, a: tf.Tensor) => tf.prelu(v, a));
  const positive = tf.greater(x, 0);
  const brightness = tf.abs(x);
  const halves = [tf.randomNormal([8, 64, 64, 16]), tf.randomNormal([8, 64, 64, 16])];
  const joined = tf.concat(halves, 3);
  const sequence = tf.randomNormal([32, 50, 64]);
  const order = tf.tensor1d([...tf.util.createShuffledIndices(32)], 'int32');
  const vocabulary = tf.randomNormal([5000, 64]);
  const words = tf.randomUniform([32, 50], 0, 5000, 'int32') as tf.Tensor2D;
  const works: Record<string, Work> = {
    'max pooling gradient, 2x2': () => run(tf.MaxPoolGrad, { dy: pooled, input: x, output: pooled }, pool),
    'average pooling gradient, 2x2': () => run(tf.AvgPoolGrad, { dy: pooled, input: x }, pool),
    'batch norm': () => tf.batchNorm(x, perChannel, perChannel),
    'sum over batch, height, width': () => tf.sum(x, [0, 1, 2]),
    'tile to batch, height, width': () => tf.tile(row, [32, 32, 32, 1]),
    'slice, the middle half of the rows': () => tf.slice(x, [0, 8, 0, 0], [32, 16, 32, 64]),
    'slice, half of the channels': () => tf.slice(x, [0, 0, 0, 0], [32, 32, 32, 32]),
    'rfft2 and irfft2': () => thereAndBack(x),
    'rfft2 and irfft2, [1, 512, 512, 3]': () => thereAndBack(photograph),
    'transpose, [32768, 64]': () => tf.transpose(tf.reshape(x, [32768, 64])),
    'transpose, second and third axis': () => tf.transpose(x, [0, 2, 1, 3]),
    'transpose, back to front': () => tf.transpose(x, [3, 2, 1, 0]),
    'product of 512, first transposed': () => tf.matMul(matrix, matrix, true),
    'product of 512, second transposed': () => tf.matMul(matrix, matrix, false, true),
    '32 products of 128': () => tf.matMul(stack, stack),
    'ReLU, forward and backward': () => both((v) => tf.relu(v), x, x),
    'ReLU6, forward and backward': () => both((v) => tf.relu6(v), x, x),
    'clipByValue, forward and backward': () => both((v) => tf.clipByValue(v, 0, 6), x, x),
    'leaky ReLU, forward and backward': () => both((v) => tf.leakyRelu(v), x, x),
    'PReLU, forward and backward': () => prelu([x, slopes], x),
    'maxima of images, forward and backward': () => both((v) => tf.max(v, [1, 2]), x, peaks),
    'upsampling of [32, 16, 16, 64], forward and backward': () => both(toTwice, pooled, x),
    'greater, than a number a channel': () => tf.greater(x, slopes),
    'maximum, of a number': () => tf.maximum(x, 0.5),
    where: () => tf.where(positive, x, x),
    'reverse of the rows of pixels': () => tf.reverse(x, 2),
    'concat along the channels, two of [8, 64, 64, 16]': () => tf.concat(halves, 3),
    'split of that': () => tf.split(joined, 2, 3),
    'unstack [32, 50, 64] along its second axis': () => tf.unstack(sequence, 1),
    'gather 32 images, as model.fit does': () => tf.gather(x, order),
    'gather [32, 50] words of [5000, 64]': () => tf.gather(vocabulary, words),
    exp: () => tf.exp(x),
    erf: () => tf.erf(x),
    tanh: () => tf.tanh(x),
    log: () => tf.log(brightness),
    softplus: () => tf.softplus(x),
    selu: () => tf.selu(x),
    'norm, forward and backward': () => both((v) => tf.norm(v), x, tf.scalar(1)),
    'product by itself, forward and backward': () => both((v) => tf.mul(v, v), x, x),
    'conv3d, [4, 8, 16, 16, 16]': () => tf.conv3d(volume, volumeFilter, 1, 'same'),
    'conv3d gradient, input (TF.js: wrong numbers)': () =>
      run(tf.Conv3DBackpropInputV2, { dy: volume, filter: volumeFilter }, { ...conv3d, inputShape: volume.shape }),
    'conv3d gradient, filter': () =>
      run(tf.Conv3DBackpropFilterV2, { x: volume, dy: volume }, { ...conv3d, filterShape: volumeFilter.shape }),
  };
  const rows: string[][] = [];
  for (const [name, ours] of Object.entries(works)) {
    const timing = await race({ ours, tfjs: withTfjs(ours) }, { rounds, clock: processorTime });
    const faster = ratio(timing.tfjs, timing.ours).median.toFixed(1);
    rows.push([name, `${milliseconds(timing.ours)} ms`, `${milliseconds(timing.tfjs)} ms`, `${faster}x`]);
  }
  print(`${markdownTable(['on [32, 32, 32, 64], where not said', 'ours', 'TF.js', 'ratio'], rows)}\n`);
  tf.dispose([
    x,
    pooled,
    perChannel,
    matrix,
    stack,
    row,
    photograph,
    volume,
    volumeFilter,
    peaks,
    slopes,
    positive,
    brightness,
    ...halves,
    joined,
    sequence,
    order,
    vocabulary,
    words,
  ]);
}

/** Whole steps of SGD with momentum on a ResNet-8: TF.js's backend of one thread, and two threads, in turn. */
async function resnetSteps({ rounds, print }: BenchmarkContext) {
  const openPlain = tf.findBackendFactory('wasm');
  const samples: Record<'one' | 'two', number[]> = { one: [], two: [] };
  for (let turn = 0; turn < 5; turn++) {
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', openPlain);
    await tf.setBackend('wasm');
    samples.one.push(...(await stepTimes(rounds)));
    await openThreadedBackend({ threads: 2 });
    samples.two.push(...(await stepTimes(rounds)));
  }
  const [one, two] = [summarize(samples.one), summarize(samples.two)];
  const row = (threads: number, { median, min }: Timing) => [
    String(threads),
    `${median.toFixed(0)} ms, ${(one.median / median).toFixed(2)}x`,
    // What the machine does when nothing else is on its cores.
    `${min.toFixed(0)} ms, ${(one.min / min).toFixed(2)}x`,
  ];
  print(markdownTable([`threads, ResNet-8 step, batch ${BATCH}`, 'median', 'fastest'], [row(1, one), row(2, two)]));
}
