// train-ops beside the same thing composed of TF.js's operations: kernels, peak memory, time of forward and backward.
// On wasm both have the kernels of @stridelab/wasm, without which nothing convolutional trains there.
import { resnet20 } from '@stridelab/resnet';
import { batchNormTrain, FusedAdam, FusedSgd, softmaxCrossEntropy } from '@stridelab/train-ops';
import '@stridelab/wasm';
import * as tf from '@tensorflow/tfjs-core';
import { type Benchmark, markdownTable, milliseconds, openBackend, race, type Work } from './harness.ts';

interface Row {
  name: string;
  ours: Work;
  stock: Work;
}

/** What moves no data. */
const FREE = ['Reshape', 'Identity'];

async function kernelsOf(work: Work): Promise<{ count: number; peakBytes: number }> {
  const before = tf.memory().numBytes;
  const profile = await tf.profile(() => void tf.dispose(tf.tidy(work)) as never);
  // The profile names op scopes too; a backend has kernels alone.
  const kernels = profile.kernels.filter(({ name }) => !FREE.includes(name) && tf.getKernel(name, tf.getBackend()));
  return { count: kernels.length, peakBytes: profile.peakBytes - before };
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

function updateRow(name: string, ours: tf.Optimizer, stock: tf.Optimizer, variables: tf.Variable[]): Row {
  const gradients = Object.fromEntries(variables.map((variable) => [variable.name, tf.mul(variable, 0.1)]));
  const step = (optimizer: tf.Optimizer) => () => {
    optimizer.applyGradients(gradients);
    return tf.clone(variables.at(-1)!);
  };
  return { name: `${name}, the ${variables.length} parameters of ResNet-20`, ours: step(ours), stock: step(stock) };
}

const benchmark: Benchmark = {
  title: 'train-ops and what TF.js composes',
  async run({ backends, rounds, print }) {
    const table: string[][] = [];
    for (const backend of backends) {
      await openBackend(backend);
      const model = resnet20({ classes: 10, inputShape: [32, 32, 3] });
      const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const rate = { learningRate: 1e-4 };
      const rows = [
        batchNormRow(false),
        batchNormRow(true),
        lossRow(0),
        lossRow(0.2),
        updateRow('SGD with momentum', new FusedSgd(rate), tf.train.momentum(1e-4, 0.9), variables),
        updateRow('Adam', new FusedAdam(rate), tf.train.adam(1e-4), variables),
      ];
      for (const { name, ours, stock } of rows) {
        const timings = await race({ ours, stock }, { rounds });
        const [mine, theirs] = [await kernelsOf(ours), await kernelsOf(stock)];
        const megabytes = ({ peakBytes }: { peakBytes: number }) => (peakBytes / 2 ** 20).toFixed(1);
        table.push([
          backend,
          name,
          `${mine.count} / ${theirs.count}`,
          `${megabytes(mine)} / ${megabytes(theirs)}`,
          `${milliseconds(timings.ours)} / ${milliseconds(timings.stock)}`,
          `${(timings.stock.median / timings.ours.median).toFixed(1)} x`,
        ]);
      }
      tf.disposeVariables();
    }
    const header = ['backend', 'forward and backward of', 'kernels', 'peak MiB', 'ms', 'faster by'];
    print(markdownTable(header, table));
  },
};

export default benchmark;
