// A whole split on the device. Per batch a few hundred numbers go there (which images, which crops, which flips, which
// weights); gathering, cropping, mirroring, normalizing and mixing happen where the pixels are.
import * as tf from '@tensorflow/tfjs-core';
import { aheadOfTime } from '../batching/ahead.ts';
import { labelsOf } from '../batching/batches.ts';
import { type BatchOptions, batchSettings } from '../batching/options.ts';
import { type BatchPlan, type Draws, planner } from '../batching/plan.ts';
import { CHANNELS, checkSplit, type Normalization, type Split } from '../data/split.ts';
import { CifarDataError } from '../errors.ts';
import { labelTensor, type TensorBatch, type TensorBatches, withDispose } from './batches.ts';

export interface ResidentSplit {
  readonly split: Split;
  /** The same batches as those of {@link tensorBatches}, made on the device; the caller disposes of each. */
  batches(options?: BatchOptions): TensorBatches;
  /** Gives the device memory back. */
  dispose(): void;
}

/** Uploads a split: 4 bytes a pixel, 205 MB for the 50,000 training images. The caller disposes of it. */
export function residentSplit(split: Split): ResidentSplit {
  checkSplit('residentSplit', split);
  const pixels = tf.tensor2d(packPixels(split.images), [split.count, split.height * split.width]);
  return {
    split,
    dispose: () => pixels.dispose(),
    batches(options = {}) {
      const settings = batchSettings(split, options);
      const { length, imageCount, plan } = planner(split, settings);
      const classes = split.classNames.length;
      const at = (index: number): TensorBatch => {
        const batchPlan = plan(index);
        if (pixels.isDisposed)
          throw new CifarDataError('residentSplit', 'the split must not be disposed of', 'disposed');
        const images = renderOnDevice(pixels, split, batchPlan, settings.normalization);
        const { first, second, weights } = batchPlan;
        const partner = second && { partnerLabels: labelsOf(split, second.indices), weights: weights! };
        return withDispose(
          batchPlan,
          images,
          labelTensor({ labels: labelsOf(split, first.indices), ...partner }, classes),
        );
      };
      const from = (start: number) => aheadOfTime(at, start, length, settings.prefetch, (batch) => batch.dispose());
      return { length, imageCount, at, from, [Symbol.asyncIterator]: () => from(0)[Symbol.asyncIterator]() };
    },
  };
}

/** Three bytes as one float32, which holds whole numbers up to 2^24: a third of the memory of a value a byte. */
function packPixels(images: Uint8Array): Float32Array {
  const packed = new Float32Array(images.length / CHANNELS);
  for (let i = 0; i < packed.length; i++) {
    packed[i] = images[3 * i]! + 256 * images[3 * i + 1]! + 65536 * images[3 * i + 2]!;
  }
  return packed;
}

function renderOnDevice(pixels: tf.Tensor2D, split: Split, plan: BatchPlan, normalization: Normalization): tf.Tensor4D {
  return tf.tidy(() => {
    const first = drawOnDevice(pixels, split, plan.first, normalization);
    if (!plan.second) return first;
    const second = drawOnDevice(pixels, split, plan.second, normalization);
    const weight = tf.tensor4d(plan.weights!, [plan.size, 1, 1, 1]);
    return tf.add(tf.mul(first, weight), tf.mul(second, tf.sub(1, weight)));
  });
}

/** The images of `draws`, (count, height, width, 3): gathered, cropped, mirrored and normalized. */
function drawOnDevice(
  pixels: tf.Tensor2D,
  { height, width }: Split,
  { indices, rows, columns, flips }: Draws,
  { mean, std }: Normalization,
): tf.Tensor4D {
  const count = indices.length;
  const gathered = tf.gather(pixels, tf.tensor1d(indices, 'int32'));
  // Channel by channel with scalars, and put together last: broadcasting over the last axis costs a software GPU more.
  const finish = (packed: tf.Tensor3D, inside?: tf.Tensor) => {
    const channels = unpack(packed).map((bytes, channel) => {
      const normalized = tf.div(tf.sub(tf.div(bytes, 255), mean[channel]!), std[channel]!);
      return inside ? tf.mul(normalized, inside) : normalized;
    });
    return tf.stack(channels, 3) as tf.Tensor4D;
  };
  if (![rows, columns, flips].some((moves: Iterable<number>) => [...moves].some((move) => move !== 0))) {
    return finish(tf.reshape(gathered, [count, height, width]));
  }
  const place = (values: ArrayLike<number>) => tf.tensor(Float32Array.from(values), [count, 1, 1]);
  // Row and column in the image of each pixel of the output; outside of it there is nothing.
  const row = tf.add(tf.reshape(tf.range(0, height), [1, height, 1]), place(rows));
  const flip = place(flips);
  const across = tf.reshape(tf.range(0, width), [1, 1, width]);
  const mirrored = tf.add(tf.mul(across, tf.sub(1, tf.mul(2, flip))), tf.mul(width - 1, flip));
  const column = tf.add(mirrored, place(columns));
  const inside = tf.mul(within(row, height), within(column, width));
  // Numbers of pixels in this batch, in int32: float32 would end at 16 million of them.
  const image = tf.mul(tf.reshape(tf.range(0, count, 1, 'int32'), [count, 1, 1]), tf.scalar(height * width, 'int32'));
  const inImage = tf.add(tf.mul(tf.clipByValue(row, 0, height - 1), width), tf.clipByValue(column, 0, width - 1));
  const number = tf.reshape(tf.add(image, tf.cast(inImage, 'int32')), [count * height * width]);
  const packed = tf.gather(tf.reshape(gathered, [count * height * width]), number as tf.Tensor1D);
  return finish(tf.reshape(packed, [count, height, width]), inside);
}

/** 1 where a row or column lies in [0, end), 0 elsewhere. */
function within(position: tf.Tensor, end: number): tf.Tensor {
  return tf.cast(tf.logicalAnd(tf.greaterEqual(position, 0), tf.less(position, end)), 'float32');
}

/** Red, green and blue bytes of packed pixels. Every step is exact in float32. */
function unpack(packed: tf.Tensor): tf.Tensor[] {
  const blue = tf.floor(tf.mul(packed, 1 / 65536));
  const rest = tf.sub(packed, tf.mul(blue, 65536));
  const green = tf.floor(tf.mul(rest, 1 / 256));
  const red = tf.sub(rest, tf.mul(green, 256));
  return [red, green, blue];
}
