// The same maps by way of FFTs, for large photographs, where a matrix costs more to make than it saves, and for such images
// as weigh less than the matrices.
import { customGrad, type GradSaveFunc, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { transposedSide } from './by-fft/bins.ts';
import { mapImages } from './by-fft/map-images.ts';
import { multiplySpectra } from './by-fft/multiply-spectra.ts';
import type { SpectralMap } from './steps.ts';

/**
 * Where FFTs are taken for their speed (`pnpm bench large-images`, wasm, halving an image, there and back): one image of 512
 * pixels a side and 3 channels takes 0.8 of the matrices' time, one of 1024 takes 0.44, for the matrices themselves cost as
 * much as their use; of 512 with 16 channels 0.64 to 1, and four of 512 with 3 channels 1.7 times, or 0.5 with `@stridelab/wasm`.
 */
const LONGEST_SIDE = { fewLines: 448, manyLines: 1024 };
const FEW_LINES = 16;

/** Where they are taken for their memory: from so many numbers on, matrices that outweigh the images are worth avoiding. */
const WORTH_SAVING = 2 ** 17;

/** What the sides' matrices take together on the way back, at most: so many times the squares of the sides. */
const MATRICES = 6;

/** Whether FFTs are the better way for images (batch, H, W, channels), whatever the strides. */
export function goesByFft(x: Tensor, { height }: SpectralMap): boolean {
  if (!height) return false;
  const [batch, rows, columns, channels] = x.shape as [number, number, number, number];
  const limit = batch * channels < FEW_LINES ? LONGEST_SIDE.fewLines : LONGEST_SIDE.manyLines;
  const isFaster = Math.max(rows, columns) > limit;
  return isFaster || (x.size >= WORTH_SAVING && MATRICES * (rows ** 2 + columns ** 2) > x.size);
}

/** Both sides; what has one dimension needs no FFT. */
export type ImageMap = Required<SpectralMap>;

/**
 * Y = irfft2(edit(rfft2(X))), differentiable in X; what `stepsOf` computes with matrices. The map is made anew where it is
 * used, so that no weights are kept for the way back. Beside its own there may be a `grid` of them: for each bin of the
 * height one for each bin of the width.
 */
export function mapByFft(x: Tensor, map: () => ImageMap, grid?: Tensor): Tensor {
  const apply = customGrad((...inputs) => ({
    value: tidy(() => mapImages(inputs[0] as Tensor, map(), grid)),
    gradFunc: (dy: Tensor) => mapByFft(dy, () => transposedMap(map()), grid),
  }));
  return apply(x);
}

/**
 * The spectrum of the images x times that which the gradient dy has behind the synthesis, summed over images and channels:
 * the gradient of such a grid of weights, (height's bins, width's bins), of a map without any.
 */
export function productsByFft(x: Tensor, dy: Tensor, map: ImageMap): Tensor {
  const products = customGrad((...inputs) => {
    const [images, gradients, save] = inputs as [Tensor, Tensor, GradSaveFunc];
    save([images, gradients]);
    const gradFunc = (dProducts: Tensor, saved: Tensor[]) => [
      mapByFft(saved[1]!, () => transposedMap(map), dProducts),
      mapByFft(saved[0]!, () => map, dProducts),
    ];
    return { value: tidy(() => multiplySpectra(images, gradients, map)), gradFunc };
  });
  return products(x, dy);
}

export function transposedMap({ height, width }: ImageMap): ImageMap {
  return { height: transposedSide(height), width: transposedSide(width) };
}
