// The same maps by way of FFTs, for large photographs, where a matrix costs more to make than it saves.
import { irfft2, rfft2 } from '@stridelab/fft-ops';
import { add, mul, pad, reshape, reverse, slice, type Tensor, tensor1d } from '@tensorflow/tfjs-core';
import type { Bin } from './side.ts';
import { type WeightedSide, weightsTensor } from './side-matrices.ts';
import type { SpectralMap } from './steps.ts';

/**
 * Measured on wasm, halving one square image (`pnpm bench large-images`): with 3 channels the two are even from 128 to 384
 * pixels a side, and FFTs take 0.9 times as long at 512, where the matrices themselves begin to cost more than their use;
 * with 16 channels FFTs still take 1.9 times as long at 512 and 1.4 times at 768, and with 64 channels 2.6 times at 512.
 */
const LONGEST_SIDE = { fewLines: 448, manyLines: 1024 };
const FEW_LINES = 16;

/** Whether FFTs are the cheaper way for images (batch, H, W, channels). */
export function fftIsCheaper({ shape }: Tensor, { height }: SpectralMap): boolean {
  if (!height) return false;
  const [batch, rows, columns, channels] = shape as [number, number, number, number];
  const limit = batch * channels < FEW_LINES ? LONGEST_SIDE.fewLines : LONGEST_SIDE.manyLines;
  return Math.max(rows, columns) > limit;
}

/** Y = irfft2(edit(rfft2(X))), differentiable in X and in the sides' weights; what `stepsOf` computes with matrices. */
export function mapByFft(x: Tensor, height: WeightedSide, width: WeightedSide): Tensor {
  const { real, imag } = rfft2(x, { axes: [1, 2] });
  const [rows, columns] = [fullBins(height), halfBins(width)];
  const [rowWeights, columnWeights] = [height, width].map(({ weights }) => weights && weightsTensor(weights));
  const edited = (part: Tensor) => {
    const cropped = moveBins(part, 2, columns, Math.floor(width.outputSize / 2) + 1, columnWeights);
    return moveBins(cropped, 1, rows, height.outputSize, rowWeights);
  };
  return irfft2({ real: edited(real), imag: edited(imag) }, { s: [height.outputSize, width.outputSize], axes: [1, 2] });
}

interface MovedBin extends Bin {
  /** Which of the side's weights is this bin's. */
  weight: number;
}

/** Bins of a full spectrum, by their places; those of a real side stand for both signs. */
function fullBins({ bins, real, inputSize, outputSize }: WeightedSide): MovedBin[] {
  const both = bins.flatMap((bin, weight): MovedBin[] => {
    if (!real || bin.input === 0) return [{ ...bin, weight }];
    const half = { ...bin, amplitude: bin.amplitude / 2, weight };
    return [half, { ...half, input: -bin.input, output: -bin.output }];
  });
  const inPlace = (k: number, size: number) => ((k % size) + size) % size;
  return both
    .map((bin) => ({ ...bin, input: inPlace(bin.input, inputSize), output: inPlace(bin.output, outputSize) }))
    .sort((a, b) => a.input - b.input);
}

/** Bins of a half spectrum: an inverse real FFT itself counts all but the first and the Nyquist one twice. */
function halfBins({ bins, outputSize }: WeightedSide): MovedBin[] {
  return bins.map((bin, weight) => {
    const own = bin.output === 0 || 2 * bin.output === outputSize;
    return { ...bin, amplitude: own ? bin.amplitude : bin.amplitude / 2, weight };
  });
}

/** Takes bins along an axis to their new places, scaled; two that meet are added up. */
function moveBins(spectrum: Tensor, axis: number, bins: MovedBin[], size: number, weights?: Tensor): Tensor {
  const runs: MovedBin[][] = [];
  for (const bin of bins) {
    const previous = runs.at(-1)?.at(-1);
    const follows = previous && bin.input === previous.input + 1 && bin.output === previous.output + 1;
    if (follows) runs.at(-1)!.push(bin);
    else runs.push([bin]);
  }
  const moved = runs.map((run) => {
    const [first] = run as [MovedBin];
    const [begin, length] = [spectrum.shape.map(() => 0), [...spectrum.shape]];
    [begin[axis], length[axis]] = [first.input, run.length];
    const scales = reshape(scalesOf(run, weights), [run.length, ...spectrum.shape.slice(axis + 1).map(() => 1)]);
    const paddings = spectrum.shape.map((): [number, number] => [0, 0]);
    paddings[axis] = [first.output, size - first.output - run.length];
    return pad(mul(slice(spectrum, begin, length), scales), paddings);
  });
  return moved.reduce((sum, part) => add(sum, part));
}

/** A run goes up or down through the weights by ones, or has one of its own. */
function scalesOf(run: MovedBin[], weights?: Tensor): Tensor {
  const amplitudes = tensor1d(run.map(({ amplitude }) => amplitude));
  if (!weights) return amplitudes;
  const places = run.map(({ weight }) => weight);
  const low = Math.min(...places);
  const taken = slice(weights, low, run.length);
  return mul(amplitudes, places[0] === low ? taken : reverse(taken));
}
