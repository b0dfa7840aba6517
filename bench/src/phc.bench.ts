// What a hypercomplex convolution costs beside a plain one: the making of its kernel, and its whole training step, both
// forward and backward.
import { algebra, kroneckerKernel, parameterCount, phcConv2d } from '@stridelab/phc-conv';
import { openTestBackend } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
// The plain convolution of the same package, because TF.js's own has no gradient on wasm; elsewhere they are the same.
import { convolution } from '../../packages/phc-conv/src/convolution/convolution.ts';
import { type Benchmark, forwardAndBackward, markdownTable, milliseconds, race } from './harness.ts';

// First and last stage of a ResNet-18 on images of 32 x 32.
const STAGES = [
  { width: 64, side: 32 },
  { width: 512, side: 4 },
];
const PLAIN = { strides: [1, 1], dilation: [1, 1], padding: 'same' as const, dataFormat: 'channelsLast' as const };

const BATCH = 32;

const benchmark: Benchmark = {
  title: 'phc-conv: 3 x 3 convolutions, kernel building and training step',
  async run({ backends, rounds, print }) {
    const rows: string[][] = [];
    for (const backend of backends) {
      if (backend === 'cpu') {
        print('cpu: left out, its convolution of this batch takes minutes\n');
        continue;
      }
      await openTestBackend(backend);
      for (const { width, side } of STAGES) {
        for (const n of [2, 3, 4]) rows.push(await measure(backend, n, Math.ceil(width / n) * n, side, rounds));
      }
    }
    print(
      markdownTable(
        [
          'backend',
          'n',
          'channels',
          'maps',
          'convolution, ms',
          'kernel, ms',
          'kernel / convolution',
          'PHC step / plain step',
          'parameters',
        ],
        rows,
      ),
    );
  },
};

async function measure(backend: string, n: number, channels: number, side: number, rounds: number): Promise<string[]> {
  const x = tf.randomNormal<tf.Rank.R4>([BATCH, side, side, channels]);
  const dy = tf.randomNormal([BATCH, side, side, channels]);
  const rule = algebra('glorotUniform', n);
  const filters = tf.randomNormal<tf.Rank.R5>([n, 3, 3, channels / n, channels / n]);
  const kernel = kroneckerKernel(rule, filters);
  const dKernel = tf.randomNormal(kernel.shape);
  const timings = await race(
    {
      convolution: forwardAndBackward((...[a, b]) => convolution(a!, b!, PLAIN), [x, kernel], dy),
      kernel: forwardAndBackward((...[a, b]) => kroneckerKernel(a!, b!), [rule, filters], dKernel),
      phc: forwardAndBackward(
        (...[a, b, c]) => phcConv2d(a as tf.Tensor4D, b!, c as tf.Tensor5D, { padding: 'same' }),
        [x, rule, filters],
        dy,
      ),
    },
    { rounds },
  );
  tf.dispose([x, dy, rule, filters, kernel, dKernel]);
  const count = parameterCount({ n, filters: channels, channels, kernelSize: 3, useBias: false });
  return [
    backend,
    `${n}`,
    `${channels}`,
    `${BATCH} x ${side} x ${side}`,
    milliseconds(timings.convolution),
    milliseconds(timings.kernel),
    `${((100 * timings.kernel.median) / timings.convolution.median).toFixed(1)}%`,
    (timings.phc.median / timings.convolution.median).toFixed(2),
    `${count} of ${9 * channels ** 2}`,
  ];
}

export default benchmark;
