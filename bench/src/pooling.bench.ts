// What DiffStride costs (on wasm with the gradients that TF.js lacks there) beside the convolution that it follows, other ways to shrink a map, and its own definition in FFTs.
import { openTestBackend } from '@stridelab/test-kit/backends';
import '@stridelab/wasm';
import { diffStride2d, downsampledSize } from '@stridelab/diffstride';
import { irfft2, rfft2 } from '@stridelab/fft-ops';
import { spectralPool2d } from '@stridelab/spectral-pooling';
import { randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import {
  type Benchmark,
  forwardAndBackward,
  markdownTable,
  milliseconds,
  processorTime,
  race,
  ratio,
  type Work,
} from './harness.ts';

const MAP = [32, 32, 64] as const;
/** Where 32 images would take minutes a round there are fewer of them, with which all that is compared scales. */
const BATCH: Record<string, number> = { cpu: 4, wasm: 32, webgpu: 4 };
const SMOOTHNESS = 4;
const CONVOLUTION = 'convolution 3x3, 64 -> 64';
/** The slow backends take seconds a sample. */
const FEW_ROUNDS = 3;

const random = (shape: readonly number[], seed: number) =>
  tf.tensor(
    randomValues(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    [...shape],
  );

/** The definition as written: masks on the tape, rfft2, mask, crop, irfft2. For even sides longer than two edges. */
function literalDiffStride(x: tf.Tensor, strides: tf.Tensor): tf.Tensor {
  const [, height, width] = x.shape as [number, number, number, number];
  const [h, w] = downsampledSize([height, width], [...strides.dataSync()]) as [number, number];
  const distances = Array.from({ length: height }, (_, row) => Math.min(row, height - 1 - row));
  const keptRows = distances.flatMap((p, row) => (p < h / 2 ? [row] : []));
  const keptColumns = Array.from({ length: w / 2 + 1 }, (_, k) => k);
  const ramp = (side: number, size: number, offset: number, positions: number[]) => {
    const stride = tf.slice(strides, side, 1);
    const threshold = tf.add(tf.div(tf.maximum(tf.div(size, stride), 2), 2), offset);
    return tf.clipByValue(tf.div(tf.sub(tf.add(threshold, SMOOTHNESS), positions), SMOOTHNESS), 0, 1);
  };
  const rowMask = tf.reshape(
    ramp(
      0,
      height,
      0,
      keptRows.map((row) => distances[row]!),
    ),
    [h, 1, 1],
  );
  const columnMask = tf.reshape(ramp(1, width, 1, keptColumns), [1, w / 2 + 1, 1]);
  const half = h / 2;
  const part = (spectrum: tf.Tensor) => {
    const columns = tf.slice(spectrum, [0, 0, 0, 0], [-1, -1, w / 2 + 1, -1]);
    const ends = [tf.slice(columns, [0, 0, 0, 0], [-1, half, -1, -1]), tf.slice(columns, [0, height - half, 0, 0])];
    return tf.mul(tf.mul(tf.concat(ends, 1), rowMask), columnMask);
  };
  const { real, imag } = rfft2(x, { axes: [1, 2] });
  return irfft2({ real: part(real), imag: part(imag) }, { s: [h, w], axes: [1, 2] });
}

function rivals(batch: number): Record<string, Work> {
  const x = random([batch, ...MAP], 1);
  const strides = tf.tensor1d([2, 2]);
  const kernel = random([3, 3, MAP[2], MAP[2]], 2);
  const work = (f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): Work => {
    const dy = tf.tidy(() => random(f(...inputs).shape, 3));
    return forwardAndBackward(f, inputs, dy);
  };
  const images = (v: tf.Tensor | undefined) => v as tf.Tensor4D;
  const conv = (stride: number) => (v?: tf.Tensor, k?: tf.Tensor) => tf.conv2d(images(v), images(k), stride, 'same');
  return {
    [CONVOLUTION]: work(conv(1), [x, kernel]),
    DiffStride: work((v, s) => diffStride2d(images(v), s!), [x, strides]),
    "DiffStride, mask: 'symmetric'": work((v, s) => diffStride2d(images(v), s!, { mask: 'symmetric' }), [x, strides]),
    'DiffStride, frozen': work((v) => diffStride2d(images(v), 2), [x]),
    'spectral pooling': work((v) => spectralPool2d(images(v), { strides: 2 }), [x]),
    'DiffStride by FFTs': work((v, s) => literalDiffStride(v!, s!), [x, strides]),
    'convolution 3x3 with stride 2': work(conv(2), [x, kernel]),
    'average pooling': work((v) => tf.avgPool(images(v), 2, 2, 'same'), [x]),
    'max pooling': work((v) => tf.maxPool(images(v), 2, 2, 'same'), [x]),
  };
}

const benchmark: Benchmark = {
  title: `Forward and backward of a map of [${MAP.join(', ')}], stride 2`,
  async run({ backends, rounds, print }) {
    const table = new Map<string, string[]>();
    for (const backend of backends) {
      await openTestBackend(backend);
      const timings = await race(rivals(BATCH[backend]!), {
        rounds: backend === 'wasm' ? rounds : Math.min(rounds, FEW_ROUNDS),
        // cpu and wasm work on this thread, whose own time a busy machine does not stretch.
        clock: backend === 'webgpu' ? undefined : processorTime,
      });
      const base = timings[CONVOLUTION]!;
      for (const [name, timing] of Object.entries(timings)) {
        const [share, fastest] = Object.values(ratio(timing, base)).map((value) => `${(100 * value).toFixed(1)} %`);
        table.set(name, [...(table.get(name) ?? [name]), `${milliseconds(timing)} ms, ${share} (${fastest})`]);
      }
      tf.disposeVariables();
    }
    const header = backends.map((backend) => `${backend}, ${BATCH[backend]} images`);
    print(markdownTable(['', ...header], [...table.values()]));
    print(
      '\nShares are of the convolution on the same backend: the median of the ratios within a round (of the fastest samples).',
    );
  },
};

export default benchmark;
