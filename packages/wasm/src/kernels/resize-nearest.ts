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
    const small = images.shape as Shape;
    const large: Shape = [small[0], ...attrs.size, small[3]];
    if (images.dtype !== 'float32' || util.sizeFromShape([...small, ...large]) === 0) return call.original();
    const { middle, axes } = halfWay(small, large);
    return engine.withScratch(bytesOf(util.sizeFromShape(middle)), (between) => {
      const out = backend.makeOutput(large, 'float32');
      const [first, second] = axes.map((axis) => ({ axis, sources: sourcesOf(small[axis]!, large[axis]!, attrs) }));
      takeAlong(engine, { from: engine.address(images), to: between, shape: small, ...first! });
      takeAlong(engine, { from: between, to: engine.address(out), shape: middle, ...second! });
      return out;
    });
  },
);

/** images, dy -> dImages: each pixel gets the sum of those that it was repeated to. */
export const resizeNearestNeighborGrad = trainingKernel<Attrs>(ResizeNearestNeighborGrad, (call) => {
  const { inputs, attrs, backend, engine } = call;
  const { images, dy } = inputs as { images: TensorInfo; dy: TensorInfo };
  const [small, large] = [images.shape as Shape, dy.shape as Shape];
  const areFloats = images.dtype === 'float32' && dy.dtype === 'float32';
  if (!areFloats || util.sizeFromShape([...small, ...large]) === 0) return call.original();
  const { middle, axes } = halfWay(small, large);
  const bytes = bytesOf(util.sizeFromShape(middle));
  return engine.withScratch(bytes, (between) => {
    const dx = backend.makeOutput(small, 'float32');
    fillZeros(backend, dx);
    engine.bytes(between, bytes).fill(0);
    const [first, second] = axes.map((axis) => ({ axis, sources: sourcesOf(small[axis]!, large[axis]!, attrs) }));
    sumAlong(engine, { from: engine.address(dy), to: between, shape: middle, ...second! });
    sumAlong(engine, { from: between, to: engine.address(dx), shape: small, ...first! });
    return dx;
  });
});

/** One axis is resized after the other. In which order decides how much lies between. */
function halfWay(small: Shape, large: Shape): { middle: Shape; axes: [number, number] } {
  const [batch, height, width, channels] = small;
  const [, newHeight, newWidth] = large;
  const rowsFirst = newHeight * width < height * newWidth;
  const middle: Shape = rowsFirst ? [batch, newHeight, width, channels] : [batch, height, newWidth, channels];
  return { middle, axes: rowsFirst ? [1, 2] : [2, 1] };
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
