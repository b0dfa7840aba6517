// What the READMEs show.
import { diffStride2d } from '@stridelab/diffstride';
import { fft2 } from '@stridelab/fft-ops';
import { spectralPool2d } from '@stridelab/spectral-pooling';
import * as tf from '@tensorflow/tfjs-core';
import { type Gray, sheet } from './canvas.ts';
import { scene } from './scene.ts';

const SCENE = 160;

function fromTensor(image: tf.Tensor): Gray {
  const [, height, width] = image.shape as [number, number, number];
  return { height, width, values: image.dataSync() };
}

/** DiffStride's masks with frequency zero in the middle, rows: smoothness 4 and 1; columns: strides 1.2, 1.5, 2, 3, 5. */
export function masks(): Uint8Array {
  const size = 48;
  // The spectrum of a single bright pixel is 1 everywhere: what DiffStride leaves of it is its mask.
  const pixel = tf.tensor4d([1, ...new Array(size * size - 1).fill(0)], [1, size, size, 1]);
  const mask = (stride: number, smoothness: number): Gray => {
    const pooled = diffStride2d(pixel, stride, { smoothness, cropping: false });
    const { real, imag } = fft2({ real: pooled, imag: tf.zerosLike(pooled) }, { axes: [1, 2] });
    const { values } = fromTensor(tf.sqrt(tf.add(tf.square(real), tf.square(imag))));
    const centred = Float32Array.from({ length: size * size }, (_, i) => {
      const [row, column] = [Math.floor(i / size), i % size].map((k) => (k + size / 2) % size) as [number, number];
      return values[row * size + column]!;
    });
    return { width: size, height: size, values: centred };
  };
  return sheet(
    [4, 1].map((smoothness) => [1.2, 1.5, 2, 3, 5].map((stride) => mask(stride, smoothness))),
    144,
  );
}

/** A scene pooled by 2, 3, 4 and 8; rows: max pooling, average pooling, spectral pooling. */
export function poolings(): Uint8Array {
  const { width, height, values } = scene(SCENE);
  const x = tf.tensor4d(Float32Array.from(values), [1, height, width, 1]);
  const factors = [2, 3, 4, 8];
  const methods = [
    (n: number) => tf.maxPool(x, n, n, 'valid'),
    (n: number) => tf.avgPool(x, n, n, 'valid'),
    (n: number) => spectralPool2d(x, { strides: n, norm: 'forward' }),
  ];
  return sheet(
    methods.map((method) => [fromTensor(x), ...factors.map((n) => fromTensor(method(n)))]),
    SCENE,
  );
}

/** The scene as DiffStride passes it on at strides 1.2, 1.5, 2, 3 and 5, whose sizes are no fraction of the image's. */
export function strides(): Uint8Array {
  const { width, height, values } = scene(SCENE);
  const x = tf.tensor4d(Float32Array.from(values), [1, height, width, 1]);
  const pooled = [1.2, 1.5, 2, 3, 5].map((stride) => {
    const y = diffStride2d(x, stride);
    const [, h, w] = y.shape;
    // DiffStride scales as the paper's code does; brightness is brought back for the eye.
    return fromTensor(tf.mul(y, (h * w) / (height * width)));
  });
  return sheet([[fromTensor(x), ...pooled]], SCENE);
}
