// Chains of products as assembly/product-chain.ts reads them, and in which portions they are made.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { type FoldedMatrix, foldedMatrix } from './folded-matrix.ts';
import { bytesOf, floatsAt } from './kernel.ts';
import { argumentsForStack } from './transpose.ts';

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
  /** The most rows and columns that a matrix has together. */
  longest: number;
}

/** Of a step in memory. */
const NUMBERS = 10;

/** From so many images and channels on, a matrix is looked at for halves: that takes as long as some products with it. */
const WORTH_FOLDING = 64;

/** Writes the steps of each chain to memory, runs `work` with them, and frees the memory. */
export function withSteps<T>(engine: Engine, chains: Chain[], work: (steps: Steps[]) => T): T {
  const folded = chains.map((chain) => foldedOf(engine, chain));
  const sizes = chains.map(({ matrices }, i) => {
    return bytesOf(
      matrices.reduce((sum, { shape }, j) => sum + NUMBERS + (folded[i]![j]?.data.length ?? valuesIn(shape)), 0),
    );
  });
  const total = sizes.reduce((a, b) => a + b);
  let result: T;
  engine.withScratch(total, (scratch) => {
    let next = scratch;
    const steps = chains.map((chain, i) => {
      next += sizes[i]!;
      return writeSteps(engine, chain, folded[i]!, next - sizes[i]!);
    });
    result = work(steps);
  });
  return result!;
}

/** Of each matrix the halves that it falls apart into; nothing where it does not, or where that gains nothing. */
function foldedOf(engine: Engine, { x, channels, matrices }: Chain): (FoldedMatrix | undefined)[] {
  const isWorth = channels > 1 && x.shape[0]! * channels >= WORTH_FOLDING;
  return matrices.map((matrix) => {
    const [rows, n] = matrix.shape as [number, number];
    return isWorth ? foldedMatrix(floatsAt(engine, engine.address(matrix), rows * n), rows, n) : undefined;
  });
}

/** The numbers of each step, and behind them matrices in halves, and those that are needed transposed. */
function writeSteps(engine: Engine, chain: Chain, folded: (FoldedMatrix | undefined)[], address: number): Steps {
  const { x, channels, matrices, inner } = chain;
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
    const halves = [0, 0, 0, 0];
    const own = folded[i];
    if (own) {
      const bytes = engine.bytes(spare, bytesOf(own.data.length));
      new Int32Array(bytes.buffer, bytes.byteOffset, own.data.length).set(own.data);
      halves.splice(0, 4, ...own.places.map((place) => spare + bytesOf(place)));
      spare += bytesOf(own.data.length);
    } else if (isLine) {
      engine.run('transpose', [argumentsForStack(at, spare, 1, rows, n)]);
      at = spare;
      spare += bytesOf(rows * n);
    }
    return [at, outer, rows, n, inner[i]!, Number(isLine), ...halves];
  });
  const bytes = engine.bytes(address, bytesOf(numbers.length));
  new Uint32Array(bytes.buffer, bytes.byteOffset, numbers.length).set(numbers);
  const longest = Math.max(...matrices.map(({ shape }) => shape[0]! + shape[1]!));
  return { address, pixels, multiplications, longest };
}

/** Numbers that stay in a cache that a core has for itself. */
const CACHE = 2 ** 18;

export interface Plan {
  /** Channels that go through at a time, and how many such portions of an image there are in the batch. */
  block: number;
  units: number;
  lanes: number;
  bufferBytes: number;
  /** Of each lane: its buffers, and a panel of eight columns with what is made of them. */
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
  const panelBytes = bytesOf(8 * (8 + Math.max(...steps.map(({ longest }) => longest))));
  const units = images * Math.ceil(channels / block);
  return { block, units, lanes, bufferBytes, scratchBytes: buffers * bufferBytes + panelBytes };
}

const valuesIn = (shape: number[]) => util.sizeFromShape(shape);
