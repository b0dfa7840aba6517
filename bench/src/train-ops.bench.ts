// train-ops beside the same thing composed of TF.js's operations: kernels, peak memory, time of forward and backward.
// On wasm both have the kernels of @stridelab/wasm, without which nothing convolutional trains there, and the portable form is
// timed too: the same without those kernels that are for train-ops.
import { resnet20 } from '@stridelab/resnet';
import { openTestBackend } from '@stridelab/test-kit/backends';
import { batchNormTrain, dropout, FusedAdam, FusedSgd, KERNELS, softmaxCrossEntropy } from '@stridelab/train-ops';
import '@stridelab/wasm';
import * as tf from '@tensorflow/tfjs-core';
import {
  type Benchmark,
  markdownTable,
  milliseconds,
  processorTime,
  race,
  ratio,
  type Timing,
  type Work,
} from './harness.ts';

interface Row {
  name: string;
  ours: Work;
  /** The same, where it has to remember something of its own. */
  portable?: Work;
  stock: Work;
}

/** What moves no data. */
const FREE = ['Reshape', 'Identity'];

async function kernelsOf(work: Work): Promise<number> {
  const profile = await tf.profile(() => void tf.dispose(tf.tidy(work)) as never);
  // The profile names op scopes too; a backend has kernels alone.
  const kernels = profile.kernels.filter(({ name }) => !FREE.includes(name) && tf.getKernel(name, tf.getBackend()));
  return kernels.length;
}

/** `work` in the portable form. */
function withoutKernels(work: Work): Work {
  return () => {
    const backend = tf.getBackend();
    const kernels = Object.values(KERNELS).flatMap((name) => tf.getKernel(name, backend) ?? []);
    for (const { kernelName } of kernels) tf.unregisterKernel(kernelName, backend);
    try {
      return work();
    } finally {
      for (const kernel of kernels) tf.registerKernel(kernel);
    }
  };
}

/** What an engine of TF.js keeps account with, which its types leave out. */
interface Accounts {
  state: { tensorInfo: WeakMap<object, { bytes: number }> };
  trackTensor(tensor: tf.Tensor, backend: unknown): void;
  removeDataId(dataId: object, backend: unknown): void;
}

/**
 * Most bytes that were held at a time beyond those from before, each buffer once: `tf.memory()` counts one again for every
 * tensor that shares it.
 */
function peakOf(work: Work): number {
  const engine = tf.engine() as unknown as Accounts;
  const { tensorInfo } = engine.state;
  const { trackTensor, removeDataId } = engine;
  let [held, peak] = [0, 0];
  engine.trackTensor = (tensor, backend) => {
    const isNew = !tensorInfo.has(tensor.dataId);
    trackTensor.call(engine, tensor, backend);
    if (isNew) held += tensorInfo.get(tensor.dataId)!.bytes;
    peak = Math.max(peak, held);
  };
  engine.removeDataId = (dataId, backend) => {
    held -= tensorInfo.get(dataId)!.bytes;
    removeDataId.call(engine, dataId, backend);
  };
  try {
    tf.dispose(tf.tidy(work));
  } finally {
    Object.assign(engine, { trackTensor, removeDataId });
  }
  return peak;
}

function batchNormRow(relu: boolean): Row {
  const x = tf.randomNormal<tf.Rank.R4>([64, 32, 32, 16]);
  const [gamma, beta] = [tf.ones<tf.Rank.R1>([16]), tf.zeros<tf.Rank.R1>([16])];
  const inputs = [x, gamma, beta];
  const ours = tf.grads((...[v, g, b]) => batchNormTrain(v!, { gamma: g as never, beta: b as never, relu }).y);
  const stock = tf.grads((...[v, g, b]) => {
    const { mean, variance } = tf.moments(v!, [0, 1, 2]);
    const y = tf.batchNorm(v as tf.Tensor4D, mean as never, variance as never, b as never, g as never, 1e-3);
    return relu ? tf.relu(y) : y;
  });
  const name = `batch norm${relu ? ' and ReLU' : ''}, [64, 32, 32, 16]`;
  return { name, ours: () => ours(inputs, x), stock: () => stock(inputs, x) };
}

function lossRow(labelSmoothing: number): Row {
  const logits = tf.randomNormal<tf.Rank.R2>([128, 10]);
  const labels = tf.softmax(tf.randomNormal<tf.Rank.R2>([128, 10]));
  const ours = tf.grad((v: tf.Tensor) => softmaxCrossEntropy(labels, v as tf.Tensor2D, { labelSmoothing }));
  const stock = tf.grad((v: tf.Tensor) => tf.losses.softmaxCrossEntropy(labels, v, undefined, labelSmoothing));
  const name = `cross-entropy, [128, 10], smoothing ${labelSmoothing}`;
  return { name, ours: () => ours(logits), stock: () => stock(logits) };
}

function dropoutRow(): Row {
  const x = tf.randomNormal<tf.Rank.R4>([64, 32, 32, 16]);
  const ours = tf.grad((v: tf.Tensor) => dropout(v, [1, 2], { rate: 0.5 }));
  const stock = tf.grad((v: tf.Tensor) => tf.dropout(v, 0.5));
  return { name: 'dropout, [64, 32, 32, 16]', ours: () => ours(x, x), stock: () => stock(x, x) };
}

function updateRow(name: string, fused: () => tf.Optimizer, stock: tf.Optimizer, variables: tf.Variable[]): Row {
  const gradients = Object.fromEntries(variables.map((variable) => [variable.name, tf.mul(variable, 0.1)]));
  const step = (optimizer: tf.Optimizer) => () => {
    optimizer.applyGradients(gradients);
    return tf.clone(variables.at(-1)!);
  };
  const label = `${name}, the ${variables.length} parameters of ResNet-20`;
  return { name: label, ours: step(fused()), portable: step(fused()), stock: step(stock) };
}

/** The median of the rounds' own ratios. */
const times = (timing: Timing, ours: Timing) => `${ratio(timing, ours).median.toFixed(1)} x`;

const benchmark: Benchmark = {
  title: 'train-ops and what TF.js composes',
  async run({ backends, rounds, print }) {
    const table: string[][] = [];
    for (const backend of backends) {
      await openTestBackend(backend);
      const clock = backend === 'webgpu' ? undefined : processorTime;
      const model = resnet20({ classes: 10, inputShape: [32, 32, 3] });
      const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const rate = { learningRate: 1e-4 };
      const rows = [
        batchNormRow(false),
        batchNormRow(true),
        lossRow(0),
        lossRow(0.2),
        dropoutRow(),
        updateRow('SGD with momentum', () => new FusedSgd(rate), tf.train.momentum(1e-4, 0.9), variables),
        updateRow('Adam', () => new FusedAdam(rate), tf.train.adam(1e-4), variables),
      ];
      const hasKernels = tf.getKernel(KERNELS.batchNormTrain, backend) !== undefined;
      for (const { name, ours, stock, portable = ours } of rows) {
        const rivals: Record<string, Work> = { ours, stock, ...(hasKernels && { portable: withoutKernels(portable) }) };
        const timings = (await race(rivals, { rounds, clock })) as Record<'ours' | 'stock' | 'portable', Timing>;
        const [mine, theirs] = [await kernelsOf(ours), await kernelsOf(stock)];
        const megabytes = (work: Work) => (peakOf(work) / 2 ** 20).toFixed(2);
        table.push([
          backend,
          name,
          `${mine} / ${theirs}`,
          `${megabytes(ours)} / ${megabytes(stock)}`,
          `${milliseconds(timings.ours)} / ${milliseconds(timings.stock)}`,
          times(timings.stock, timings.ours),
          hasKernels ? times(timings.portable, timings.ours) : '-',
        ]);
      }
      tf.disposeVariables();
    }
    const header = ['backend', 'forward and backward of', 'kernels', 'peak MiB', 'ms', 'faster by', 'than portable by'];
    print(markdownTable(header, table));
  },
};

export default benchmark;
