import { DiffStride } from '@stridelab/diffstride';
import { resnet18 } from '@stridelab/resnet';
import { openTestBackend } from '@stridelab/test-kit/backends';
import { FusedSgd, softmaxCrossEntropy } from '@stridelab/train-ops';
import '@stridelab/wasm';
import { openThreadedBackend } from '@stridelab/wasm/node';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';

await openTestBackend('wasm');
if (process.argv[3] === '2') await openThreadedBackend({ threads: 2 });
const ds = process.argv[2] === 'diffstride';
const model = resnet18({
  variant: 'preact',
  stem: 'cifar',
  classes: 10,
  inputShape: [32, 32, 3],
  ...(ds && { downsample: (o: never) => new DiffStride(o) }),
} as never);
const opt = new FusedSgd({ learningRate: 0.01, momentum: 0.9, weightDecay: 5e-4 } as never);
const x = tf.randomNormal([32, 32, 32, 3]);
const y = tf.oneHot(tf.range(0, 32, 1, 'int32').mod(tf.scalar(10, 'int32')), 10).toFloat() as tf.Tensor2D;
const vars = model.trainableWeights.map((w) => w.read() as tf.Variable);
const step = () =>
  tf.tidy(() => {
    const { grads } = tf.variableGrads(
      () => softmaxCrossEntropy(y, model.apply(x, { training: true }) as tf.Tensor2D) as tf.Scalar,
      vars,
    );
    opt.applyGradients(grads);
  });
step();
step();
const ts = [];
for (let i = 0; i < 5; i++) {
  const t = performance.now();
  step();
  ts.push(performance.now() - t);
}
console.log('step', ts.map((t) => t.toFixed(0)).join(' '));
const { kernels } = await tf.profile(() => {
  step();
  return tf.scalar(0);
});
const sums = new Map<string, [number, number]>();
for (const k of kernels) {
  if (!tf.getKernel(k.name, 'wasm')) continue;
  const s = sums.get(k.name) ?? [0, 0];
  s[0] += Number(k.kernelTimeMs);
  s[1]++;
  sums.set(k.name, s);
}
for (const [n, [t, c]] of [...sums].sort((a, b) => b[1][0] - a[1][0]).slice(0, 22))
  console.log(n.padEnd(36), t.toFixed(1), c);
console.log('sum', [...sums.values()].reduce((a, b) => a + b[0], 0).toFixed(0));
