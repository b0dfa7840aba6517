// Images made larger by repeating their pixels, as tf.layers.upSampling2d does, or smaller by leaving some out; and the gradient.
import { ResizeNearestNeighbor, ResizeNearestNeighborGrad, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import { bytesOf, fillZeros, trainingKernel, withWords } from './kernel.ts';

interface Attrs {
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** (batch, height, width, channels) */
type Shape = [number, number, number, number];

/** Images (batch, height, width, channels) -> (batch, size[0], size[1], channels). */
export const resizeNearestNeighbor = trainingKernel<Attrs & { size: [number, number] }>(
  ResizeNearestNeighbor,
  (call) => {
    const { inputs, attrs, backend, engine } = call;
    const { images } = inputs as { images: TensorInfo };
    const shape = images.shape as Shape;
    const newShape: Shape = [shape[0], ...attrs.size, shape[3]];
    if (images.dtype !== 'float32' || util.sizeFromShape([...shape, ...newShape]) === 0) return call.original();
    const { between, first, second } = pathOf(shape, newShape, attrs);
    return engine.withScratch(bytesOf(util.sizeFromShape(between)), (middle) => {
      const out = backend.makeOutput(newShape, 'float32');
      takeAlong(engine, { from: engine.address(images), to: middle, shape, ...first });
      takeAlong(engine, { from: middle, to: engine.address(out), shape: between, ...second });
      return out;
    });
  },
);

/** images, dy -> dImages: each pixel gets the sum of those that it was repeated to. */
export const resizeNearestNeighborGrad = trainingKernel<Attrs>(ResizeNearestNeighborGrad, (call) => {
  const { inputs, attrs, backend, engine } = call;
  const { images, dy } = inputs as { images: TensorInfo; dy: TensorInfo };
  const [shape, newShape] = [images.shape as Shape, dy.shape as Shape];
  const areFloats = images.dtype === 'float32' && dy.dtype === 'float32';
  if (!areFloats || util.sizeFromShape([...shape, ...newShape]) === 0) return call.original();
  const { between, first, second } = pathOf(shape, newShape, attrs);
  const bytes = bytesOf(util.sizeFromShape(between));
  return engine.withScratch(bytes, (middle) => {
    const dx = backend.makeOutput(shape, 'float32');
    fillZeros(backend, dx);
    engine.bytes(middle, bytes).fill(0);
    // The way back.
    sumAlong(engine, { from: engine.address(dy), to: middle, shape: between, ...second });
    sumAlong(engine, { from: middle, to: engine.address(dx), shape, ...first });
    return dx;
  });
});

/** One axis is resized after the other, in the order that leaves less between. */
function pathOf(shape: Shape, newShape: Shape, attrs: Attrs) {
  const [batch, height, width, channels] = shape;
  const [, newHeight, newWidth] = newShape;
  const resized = (axis: 1 | 2) => ({ axis, sources: sourcesOf(shape[axis], newShape[axis], attrs) });
  const rowsFirst = newHeight * width < height * newWidth;
  const between: Shape = rowsFirst ? [batch, newHeight, width, channels] : [batch, height, newWidth, channels];
  return { between, first: resized(rowsFirst ? 1 : 2), second: resized(rowsFirst ? 2 : 1) };
}

/** Which of `length` pixels each of `newLength` is a copy of, as TF.js has it. */
function sourcesOf(length: number, newLength: number, { alignCorners, halfPixelCenters }: Attrs): number[] {
  const ends = alignCorners && newLength > 1 ? 1 : 0;
  const scale = (length - ends) / (newLength - ends);
  const round = alignCorners ? Math.round : Math.floor;
  const shift = halfPixelCenters ? 0.5 : 0;
  return Array.from({ length: newLength }, (_, i) => Math.min(length - 1, round(scale * (i + shift))));
}

interface Step {
  /** Addresses. */
  from: number;
  to: number;
  /** Of the one with the images' own number of pixels along `axis`. */
  shape: Shape;
  axis: number;
  sources: number[];
}

/** to[..., i, ...] = from[..., sources[i], ...] */
function takeAlong(engine: Engine, { from, to, shape, axis, sources }: Step): void {
  const runs = util.sizeFromShape(shape.slice(0, axis));
  const bytes = bytesOf(util.sizeFromShape(shape.slice(axis + 1)));
  const stepFrom = shape[axis]! * bytes;
  const stepTo = sources.length * bytes;
  withWords(engine, sources, (at) => {
    const calls = split(runs, engine.lanesFor((runs * stepTo) / bytesOf(1))).map(({ start, count }) => [
      ...[from + start * stepFrom, at, to + start * stepTo, bytes, sources.length, count, stepFrom, stepTo],
    ]);
    engine.run('gatherRuns', calls);
  });
}

/** to[..., sources[i], ...] += from[..., i, ...] */
function sumAlong(engine: Engine, { from, to, shape, axis, sources }: Step): void {
  const runs = util.sizeFromShape(shape.slice(0, axis));
  const columns = util.sizeFromShape(shape.slice(axis + 1));
  const [stepFrom, stepTo] = [sources.length, shape[axis]!].map((length) => bytesOf(length * columns)) as [
    number,
    number,
  ];
  withWords(engine, sources, (at) => {
    const calls = Array.from({ length: runs }, (_, r) => [
      ...[0, from + r * stepFrom, at, to + r * stepTo, sources.length, columns, shape[axis]!],
    ]);
    engine.run('sumSegments', calls, engine.lanesFor(runs * sources.length * columns));
  });
}
