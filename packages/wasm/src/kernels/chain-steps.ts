// Chains of products as assembly/product-chain.ts reads them, and in which portions they are made.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { bytesOf } from './kernel.ts';

/** Step i takes (outer, n, inner[i], channels) to (outer, rows, inner[i], channels) by a matrix (rows, n). */
export interface Chain {
  /** (batch, ..., channels) */
  x: TensorInfo;
  channels: number;
  matrices: TensorInfo[];
  inner: number[];
}

export interface Steps {
  address: number;
  /** Values of an image per channel, before the first step and after each. */
  pixels: number[];
  /** Of an image per channel. */
  multiplications: number;
  /** The longest n. */
  longest: number;
}

const NUMBERS = 6;

/** Writes the steps of each chain to memory, runs `work` with them, and frees the memory. */
export function withSteps<T>(engine: Engine, chains: Chain[], work: (steps: Steps[]) => T): T {
  const sizes = chains.map(({ matrices }) => {
    return bytesOf(matrices.reduce((sum, { shape }) => sum + NUMBERS + valuesIn(shape), 0));
  });
  const total = sizes.reduce((a, b) => a + b);
  let result: T;
  engine.withScratch(total, (scratch) => {
    let next = scratch;
    const steps = chains.map((chain, i) => {
      next += sizes[i]!;
      return writeSteps(engine, chain, next - sizes[i]!);
    });
    result = work(steps);
  });
  return result!;
}

/** Six numbers for each step, and behind them the matrices that are needed transposed. */
function writeSteps(engine: Engine, { x, channels, matrices, inner }: Chain, address: number): Steps {
  const pixels = [valuesIn(x.shape) / x.shape[0]! / channels];
  let [multiplications, spare] = [0, address + bytesOf(NUMBERS * matrices.length)];
  const numbers = matrices.flatMap((matrix, i) => {
    const [rows, n] = matrix.shape as [number, number];
    const outer = pixels[i]! / (n * inner[i]!);
    pixels.push(outer * rows * inner[i]!);
    multiplications += pixels[i]! * rows;
    // A line of one channel is a row of a matrix on the left.
    const isLine = inner[i] === 1 && channels === 1;
    let at = engine.address(matrix);
    if (isLine) {
      engine.run('transpose', [[at, spare, 1, rows, n]]);
      at = spare;
      spare += bytesOf(rows * n);
    }
    return [at, outer, rows, n, inner[i]!, Number(isLine)];
  });
  const bytes = engine.bytes(address, bytesOf(numbers.length));
  new Uint32Array(bytes.buffer, bytes.byteOffset, numbers.length).set(numbers);
  return { address, pixels, multiplications, longest: Math.max(...matrices.map(({ shape }) => shape[1]!)) };
}

/** Numbers that stay in a cache that a core has for itself. */
const CACHE = 2 ** 18;

export interface Plan {
  /** Channels that go through at a time, and how many such portions of an image there are in the batch. */
  block: number;
  units: number;
  lanes: number;
  bufferBytes: number;
  /** Of each lane: its buffers, and a panel of eight columns. */
  scratchBytes: number;
}

/** So many channels at a time that all buffers of a lane fit its cache, and those of all lanes take a quarter of x at most. */
export function planOf(engine: Engine, steps: Steps[], { shape }: TensorInfo, channels: number, buffers: number): Plan {
  const images = shape[0]!;
  const lanes = engine.lanesFor(
    images * channels * steps.reduce((sum, { multiplications }) => sum + multiplications, 0),
  );
  const largest = Math.max(...steps.flatMap(({ pixels }) => pixels));
  const room = Math.min(CACHE, valuesIn(shape) / 4 / lanes) / (buffers * largest);
  const block = Math.min(channels, Math.max(1, room < 8 ? Math.floor(room) : room - (room % 8)));
  const bufferBytes = bytesOf(largest * block);
  const panelBytes = bytesOf(8 * Math.max(...steps.map(({ longest }) => longest)));
  const units = images * Math.ceil(channels / block);
  return { block, units, lanes, bufferBytes, scratchBytes: buffers * bufferBytes + panelBytes };
}

const valuesIn = (shape: number[]) => util.sizeFromShape(shape);
