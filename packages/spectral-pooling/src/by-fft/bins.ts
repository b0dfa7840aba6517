// What is done to a spectrum between two FFTs: bins are taken from the first axis, scaled, and laid down elsewhere.
import { addN, gather, mul, reshape, Tensor, tensor1d, tidy, zeros } from '@tensorflow/tfjs-core';
import { concatenated, part } from '../parts.ts';
import type { Bin } from '../side.ts';
import type { WeightedSide, Weights } from '../side-matrices.ts';
import type { SpectralMap } from '../steps.ts';

export interface MovedBin extends Bin {
  /** Which of the side's weights is this bin's. */
  weight: number;
}

/** Bins of a full spectrum, by their places, which ascend; those of a real side stand for both signs. */
export function fullBins({ bins, real, inputSize, outputSize }: WeightedSide): MovedBin[] {
  const both = bins.flatMap((bin, weight): MovedBin[] => {
    if (!real || bin.input === 0) return [{ ...bin, weight }];
    const half = { ...bin, amplitude: bin.amplitude / 2, weight };
    return [half, { ...half, input: -bin.input, output: -bin.output }];
  });
  const inPlace = (k: number, size: number) => ((k % size) + size) % size;
  return both
    .map((bin) => ({ ...bin, input: inPlace(bin.input, inputSize), output: inPlace(bin.output, outputSize) }))
    .sort((a, b) => a.input - b.input || a.output - b.output);
}

/** Bins of a half spectrum: an inverse real FFT itself counts all but the first and the Nyquist one twice. */
export function halfBins({ bins, outputSize }: WeightedSide): MovedBin[] {
  return bins.map((bin, weight) => {
    const own = bin.output === 0 || 2 * bin.output === outputSize;
    return { ...bin, amplitude: own ? bin.amplitude : bin.amplitude / 2, weight };
  });
}

/** Both sides of images; what has one dimension needs no FFT. */
export type ImageMap = Required<SpectralMap>;

export function transposedMap({ height, width }: ImageMap): ImageMap {
  return { height: transposedSide(height), width: transposedSide(width) };
}

function transposedSide({ inputSize, outputSize, bins, ...rest }: WeightedSide): WeightedSide {
  // A transposed matrix has the frequencies with the other sign. It is its conjugate that is meant here: of both sides, which
  // makes no difference to the real part of a map.
  const exchanged = bins.map(({ input, output, amplitude }) => ({
    ...{ input: output, output: input },
    amplitude: (amplitude * inputSize) / outputSize,
  }));
  return { ...rest, inputSize: outputSize, outputSize: inputSize, bins: exchanged };
}

/** The bins of x in their order, (bins, ...), scaled by their amplitudes and weights. */
export function takeBins(x: Tensor, bins: MovedBin[], weights?: Weights): Tensor {
  return tidy(() => {
    const taken = concatenated(runsOf(bins).map((run) => part(x, run[0]!.input, run.length)));
    return mul(taken, reshape(scalesOf(bins, weights), [-1, ...x.shape.slice(1).map(() => 1)]));
  });
}

function scalesOf(bins: MovedBin[], weights?: Weights): Tensor {
  const amplitudes = tensor1d(bins.map(({ amplitude }) => amplitude));
  return weights ? mul(amplitudes, weightsOf(bins, weights)) : amplitudes;
}

function weightsOf(bins: MovedBin[], weights: Weights): Tensor {
  const places = bins.map(({ weight }) => weight);
  return weights instanceof Tensor
    ? gather(weights, tensor1d(places, 'int32'))
    : tensor1d(places.map((j) => weights[j]!));
}

/** Lays bins, (bins, ...), down in their places of (size, ...); where two meet, they are added up. */
export function placeBins(taken: Tensor, bins: MovedBin[], size: number): Tensor {
  return tidy(() => {
    const layers: Layer[] = [];
    let at = 0;
    for (const run of runsOf(bins)) {
      const begin = run[0]!.output;
      let layer = layers.find(({ end }) => end <= begin);
      if (!layer) {
        layer = { parts: [], end: 0 };
        layers.push(layer);
      }
      fillUp(layer, begin, taken);
      layer.parts.push(part(taken, at, run.length));
      layer.end += run.length;
      at += run.length;
    }
    for (const layer of layers) fillUp(layer, size, taken);
    return addN(layers.map(({ parts }) => concatenated(parts)));
  });
}

/** Parts of a spectrum one after the other, up to bin `end`. */
interface Layer {
  parts: Tensor[];
  end: number;
}

function fillUp(layer: Layer, to: number, { shape }: Tensor): void {
  if (to > layer.end) layer.parts.push(zeros([to - layer.end, ...shape.slice(1)]));
  layer.end = to;
}

/** Bins that follow one another where they come from and where they go. */
function runsOf(bins: MovedBin[]): MovedBin[][] {
  const runs: MovedBin[][] = [];
  for (const bin of bins) {
    const previous = runs.at(-1)?.at(-1);
    const follows = previous && bin.input === previous.input + 1 && bin.output === previous.output + 1;
    if (follows) runs.at(-1)!.push(bin);
    else runs.push([bin]);
  }
  return runs;
}
