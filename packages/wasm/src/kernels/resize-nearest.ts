// Images made larger by repeating their pixels, as tf.layers.upSampling2d does, or smaller by leaving some out; and the gradient.
import { ResizeNearestNeighbor, ResizeNearestNeighborGrad, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { bytesOf, fillZeros, trainingKernel } from './kernel.ts';
import { takeAlong, withIndices } from './take.ts';

interface Attrs {
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** Images (batch, height, width, channels) -> (batch, size[0], size[1], channels). */
export const resizeNearestNeighbor = trainingKernel<Attrs & { size: [number, number] }>(
  ResizeNearestNeighbor,
  (call) => {
    const { inputs, attrs, backend, engine } = call;
    const { images } = inputs as { images: TensorInfo };
    const [batch, height, width, channels] = images.shape as [number, number, number, number];
    const [newHeight, newWidth] = attrs.size;
    const shape = [batch, newHeight, newWidth, channels];
    if (images.dtype !== 'float32' || util.sizeFromShape([...images.shape, ...shape]) === 0) return call.original();
    const out = backend.makeOutput(shape, 'float32');
    const wide = [batch, height, newWidth, channels];
    engine.withScratch(bytesOf(util.sizeFromShape(wide)), (middle) => {
      const columns = { shape: images.shape, axis: 2, indices: sources(width, newWidth, attrs) };
      const rows = { shape: wide, axis: 1, indices: sources(height, newHeight, attrs) };
      takeAlong(engine, { from: engine.address(images), to: middle, ...columns });
      takeAlong(engine, { from: middle, to: engine.address(out), ...rows });
    });
    return out;
  },
);

/** images, dy -> dImages: each pixel gets the sum of those that it was repeated to. */
export const resizeNearestNeighborGrad = trainingKernel<Attrs>(ResizeNearestNeighborGrad, (call) => {
  const { inputs, attrs, backend, engine } = call;
  const { images, dy } = inputs as { images: TensorInfo; dy: TensorInfo };
  const [batch, height, width, channels] = images.shape as [number, number, number, number];
  const [, newHeight, newWidth] = dy.shape as [number, number, number, number];
  const areFloats = images.dtype === 'float32' && dy.dtype === 'float32';
  if (!areFloats || util.sizeFromShape([...images.shape, ...dy.shape]) === 0) return call.original();
  const dx = backend.makeOutput(images.shape, 'float32');
  fillZeros(backend, dx);
  const row = bytesOf(newWidth * channels);
  const wide = bytesOf(batch * height * newWidth * channels);
  const lanes = engine.lanesFor(util.sizeFromShape(dy.shape));
  engine.withScratch(wide, (middle) => {
    engine.bytes(middle, wide).fill(0);
    withIndices(engine, sources(height, newHeight, attrs), (at) => {
      const sums = Array.from({ length: batch }, (_, b) => [
        ...[0, engine.address(dy) + b * newHeight * row, at, middle + b * height * row],
        ...[newHeight, newWidth * channels, height],
      ]);
      engine.run('sumSegments', sums, lanes);
    });
    withIndices(engine, sources(width, newWidth, attrs), (at) => {
      const sums = Array.from({ length: batch * height }, (_, r) => [
        ...[0, middle + r * row, at, engine.address(dx) + bytesOf(r * width * channels)],
        ...[newWidth, channels, width],
      ]);
      engine.run('sumSegments', sums, lanes);
    });
  });
  return dx;
});

/** Which of `length` pixels each of `newLength` is a copy of, as TF.js has it. */
function sources(length: number, newLength: number, { alignCorners, halfPixelCenters }: Attrs): number[] {
  const ends = alignCorners && newLength > 1 ? 1 : 0;
  const scale = (length - ends) / (newLength - ends);
  const round = alignCorners ? Math.round : Math.floor;
  const shift = halfPixelCenters ? 0.5 : 0;
  return Array.from({ length: newLength }, (_, i) => Math.min(length - 1, round(scale * (i + shift))));
}
