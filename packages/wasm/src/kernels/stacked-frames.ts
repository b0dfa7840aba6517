// A 3D convolution as a 2D one. For each frame of the result, the frames of x that the taps along the depth meet are stacked: their
// channels lie one behind the other at every pixel. Over such stacks the filter has rows and columns alone.
import { backend_util } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import { convInfo, type WindowInfo } from './geometry.ts';
import { bytesOf } from './kernel.ts';

export interface Conv3DAttrs {
  strides: [number, number, number] | number;
  pad: 'valid' | 'same';
  /** Of the convolution itself alone; TF.js has no gradient of a dilated one. */
  dilations?: [number, number, number] | number;
}

export type VolumeInfo = ReturnType<typeof backend_util.computeConv3DInfo>;
type Shape5D = [number, number, number, number, number];

export function volumeInfo(inputShape: number[], filterShape: number[], attrs: Conv3DAttrs): VolumeInfo {
  const { strides, dilations = 1, pad } = attrs;
  return backend_util.computeConv3DInfo(inputShape as Shape5D, filterShape as Shape5D, strides, dilations, pad);
}

/** Stacks of some frames of the result; the frames of all examples are counted on. */
export interface Portion {
  first: number;
  count: number;
  /** The 2D convolution of these stacks. */
  plane: WindowInfo;
  /** Where there is room for the stacks. */
  stacks: number;
}

/** Bytes of the stacks of a portion, unless a single one is larger: enough for the products to be large. */
const PORTION_BYTES = 2 ** 23;

/**
 * Every frame of the result, as many at a time as a portion holds. Where one tap after another meets one frame after another, the
 * frames at `x` are stacks already.
 */
export function inPortions(engine: Engine, info: VolumeInfo, x: number, work: (portion: Portion) => void): void {
  const frames = info.batchSize * info.outDepth;
  if (info.filterDepth === 1 && info.strideDepth === 1) {
    work({ first: 0, count: frames, plane: planeInfo(info, frames), stacks: x });
    return;
  }
  const stackBytes = bytesOf(info.filterDepth * pixelsOf(info) * info.inChannels);
  const most = Math.max(1, Math.min(frames, Math.floor(PORTION_BYTES / stackBytes)));
  engine.withScratch(Math.max(8, most * stackBytes), (stacks) => {
    for (const { start, count } of split(frames, Math.ceil(frames / most))) {
      work({ first: start, count, plane: planeInfo(info, count), stacks });
    }
  });
}

/** Fills the stacks of a portion from x (batch, depth, height, width, in); what lies outside of x is zero. */
export function stackFrames(engine: Engine, info: VolumeInfo, x: number, portion: Portion): void {
  if (portion.stacks === x) return;
  const bytes = bytesOf(info.inChannels);
  engine.withScratch(bytes, (zeros) => {
    engine.bytes(zeros, bytes).fill(0);
    const copies = framesOf(info, portion).map(({ frame, stacked }) => ({
      from: frame === undefined ? zeros : x + frame,
      stepFrom: frame === undefined ? 0 : bytes,
      to: portion.stacks + stacked,
      stepTo: bytes * info.filterDepth,
    }));
    runCopies(engine, 'copyRuns', copies, pixelsOf(info), info.inChannels);
  });
}

/** Adds what the stacks of a portion hold to the frames of dx (batch, depth, height, width, in) that they were stacked from. */
export function addStacks(engine: Engine, info: VolumeInfo, dx: number, portion: Portion): void {
  if (portion.stacks === dx) return;
  const bytes = bytesOf(info.inChannels);
  const copies = framesOf(info, portion).flatMap(({ frame, stacked }) =>
    frame === undefined
      ? []
      : { from: portion.stacks + stacked, stepFrom: bytes * info.filterDepth, to: dx + frame, stepTo: bytes },
  );
  runCopies(engine, 'addRuns', copies, pixelsOf(info), info.inChannels);
}

/** Lets `work` have the filter (depth, height, width, in, out) as (height, width, depth, in, out), which stacks are convolved with. */
export function withPlaneFilter(
  engine: Engine,
  info: VolumeInfo,
  filter: number,
  work: (planes: number) => void,
): void {
  const { filterDepth, filterHeight, filterWidth, inChannels, outChannels } = info;
  const taps = filterHeight * filterWidth;
  engine.withScratch(Math.max(8, bytesOf(filterDepth * taps * inChannels * outChannels)), (planes) => {
    runCopies(engine, 'copyRuns', filterCopies(info, filter, planes), taps, inChannels * outChannels);
    work(planes);
  });
}

/** Adds a gradient (height, width, depth, in, out) to one that is (depth, height, width, in, out). */
export function addPlaneFilter(engine: Engine, info: VolumeInfo, planes: number, dFilter: number): void {
  const copies = filterCopies(info, dFilter, planes).map(({ from, stepFrom, to, stepTo }) => ({
    ...{ from: to, stepFrom: stepTo, to: from, stepTo: stepFrom },
  }));
  runCopies(engine, 'addRuns', copies, info.filterHeight * info.filterWidth, info.inChannels * info.outChannels);
}

function filterCopies(info: VolumeInfo, filter: number, planes: number): Copy[] {
  const { filterDepth, filterHeight, filterWidth, inChannels, outChannels } = info;
  const bytes = bytesOf(inChannels * outChannels);
  return Array.from({ length: filterDepth }, (_, tap) => ({
    from: filter + tap * filterHeight * filterWidth * bytes,
    stepFrom: bytes,
    to: planes + tap * bytes,
    stepTo: filterDepth * bytes,
  }));
}

/** Where each tap of each stack lies in the stacks, and the frame that it meets in x, both in bytes. */
function framesOf(info: VolumeInfo, { first, count }: Portion): { frame: number | undefined; stacked: number }[] {
  const { inDepth, inChannels, outDepth, filterDepth, strideDepth, dilationDepth, padInfo } = info;
  const frameBytes = bytesOf(pixelsOf(info) * inChannels);
  return Array.from({ length: count * filterDepth }, (_, i) => {
    const [stack, tap] = [Math.floor(i / filterDepth), i % filterDepth];
    const [example, outFrame] = [Math.floor((first + stack) / outDepth), (first + stack) % outDepth];
    const z = outFrame * strideDepth + tap * dilationDepth - padInfo.front;
    return {
      frame: z < 0 || z >= inDepth ? undefined : (example * inDepth + z) * frameBytes,
      stacked: stack * filterDepth * frameBytes + tap * bytesOf(inChannels),
    };
  });
}

interface Copy {
  from: number;
  stepFrom: number;
  to: number;
  stepTo: number;
}

/** Each of `copies`, of `runs` runs of `length` values. Each lane has runs of its own, so that copies to the same place add up. */
function runCopies(engine: Engine, name: 'copyRuns' | 'addRuns', copies: Copy[], runs: number, length: number): void {
  const lanes = engine.lanesFor(copies.length * runs * length);
  const parts = split(runs, lanes);
  const calls = copies.flatMap(({ from, stepFrom, to, stepTo }) =>
    parts.map(({ start, count }) => [
      ...[from + start * stepFrom, to + start * stepTo],
      ...[name === 'copyRuns' ? bytesOf(length) : length, count, stepFrom, stepTo],
    ]),
  );
  // With fewer parts than lanes, calls of one part would be made by several.
  engine.run(name, calls, parts.length < lanes ? 1 : lanes);
}

/** Of one frame of the result. */
export const outFrameBytes = ({ outHeight, outWidth, outChannels }: VolumeInfo) =>
  bytesOf(outHeight * outWidth * outChannels);

const pixelsOf = ({ inHeight, inWidth }: VolumeInfo) => inHeight * inWidth;

function planeInfo(info: VolumeInfo, stacks: number): WindowInfo {
  const { padInfo } = info;
  const channels = info.filterDepth * info.inChannels;
  return convInfo(
    [stacks, info.inHeight, info.inWidth, channels],
    [info.filterHeight, info.filterWidth, channels, info.outChannels],
    {
      strides: [info.strideHeight, info.strideWidth],
      dilations: [info.dilationHeight, info.dilationWidth],
      pad: [
        [0, 0],
        [padInfo.top, padInfo.bottom],
        [padInfo.left, padInfo.right],
        [0, 0],
      ],
    },
  );
}
