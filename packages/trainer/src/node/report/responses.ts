// What downsampling layers let through: their masks, measured. An impulse holds every frequency alike, so that the spectrum
// of what a layer makes of it is the layer's mask; of DiffStride exactly, whatever its options.
import { buffer, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel, layers } from '@tensorflow/tfjs-layers';
import { channelsFirst, downsamplingLayers, inputShapes, learns } from '../../strides.ts';

export interface Response {
  layer: string;
  /** Frequencies down, from the most negative on, the zero one at `zeroRow`; 1 row for a signal. */
  rows: number;
  zeroRow: number;
  /** Frequencies across, from zero on. */
  columns: number;
  /** Row by row, 0 to 1. */
  weights: number[];
}

/** One mask for each layer whose strides are learned. Nothing where the size of an image is not known. */
export async function responses(model: LayersModel, example: readonly (number | null)[]): Promise<Response[]> {
  if (!example.every((side) => side !== null)) return [];
  const layers = downsamplingLayers(model).filter(learns);
  const shapes = inputShapes(model, layers, example as number[]);
  const found: Response[] = [];
  for (const layer of layers) {
    const shape = shapes.get(layer);
    if (shape && (shape.length === 4 || shape.length === 3)) found.push(await responseOf(layer, shape));
  }
  return found;
}

async function responseOf(layer: layers.Layer, inputShape: number[]): Promise<Response> {
  const output = tidy(() => {
    const impulse = buffer(inputShape);
    // In the middle, far from what a layer does at the edges.
    impulse.set(1, 0, ...middleOf(layer, inputShape));
    return layer.apply(impulse.toTensor()) as Tensor;
  });
  const values = await output.data();
  const [height, width] = sides(layer, inputShape);
  const [outHeight, outWidth] = sides(layer, output.shape);
  const channels = output.shape[channelsFirst(layer) ? 1 : output.rank - 1]!;
  const stride = channelsFirst(layer) ? 1 : channels;
  output.dispose();
  const image = Array.from({ length: outHeight * outWidth }, (_, i) => values[i * stride]!);
  const columns = Math.floor(width / 2) + 1;
  const zeroRow = Math.floor(height / 2);
  const weights = new Array<number>(height * columns).fill(0);
  const spectrum = magnitudes(image, outHeight, outWidth);
  for (let row = 0; row < outHeight; row++) {
    // Output frequencies are the lowest of the input's, on both sides of zero.
    const frequency = row < Math.ceil(outHeight / 2) ? row : row - outHeight;
    for (let column = 0; column < Math.min(columns, Math.floor(outWidth / 2) + 1); column++) {
      weights[(frequency + zeroRow) * columns + column] = spectrum[row]![column]!;
    }
  }
  const most = weights.reduce((a, b) => Math.max(a, b), 1e-12);
  const rounded = weights.map((weight) => Math.round((1000 * weight) / most) / 1000);
  return { layer: layer.name, rows: height, zeroRow, columns, weights: rounded };
}

function middleOf(layer: layers.Layer, shape: number[]): number[] {
  const middle = (sides: number[]) => sides.map((side) => Math.floor(side / 2));
  return channelsFirst(layer) ? [0, ...middle(shape.slice(2))] : [...middle(shape.slice(1, -1)), 0];
}

/** [height, width]; a signal has the height 1. */
function sides(layer: layers.Layer, shape: number[]): [number, number] {
  const inner = channelsFirst(layer) ? shape.slice(2) : shape.slice(1, -1);
  return inner.length === 2 ? (inner as [number, number]) : [1, inner[0]!];
}

/** |DFT| of a real image, the half of it that is not a mirror of the other: rows of height, columns of width / 2 + 1. */
function magnitudes(image: readonly number[], height: number, width: number): number[][] {
  const columns = Math.floor(width / 2) + 1;
  const [re, im] = [new Float64Array(height * columns), new Float64Array(height * columns)];
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < columns; k++) {
      for (let x = 0; x < width; x++) {
        const angle = (-2 * Math.PI * ((k * x) % width)) / width;
        re[y * columns + k]! += image[y * width + x]! * Math.cos(angle);
        im[y * columns + k]! += image[y * width + x]! * Math.sin(angle);
      }
    }
  }
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: columns }, (_, k) => {
      let [sumRe, sumIm] = [0, 0];
      for (let y = 0; y < height; y++) {
        const angle = (-2 * Math.PI * ((row * y) % height)) / height;
        const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
        const at = y * columns + k;
        sumRe += re[at]! * cos - im[at]! * sin;
        sumIm += re[at]! * sin + im[at]! * cos;
      }
      return Math.hypot(sumRe, sumIm);
    }),
  );
}
