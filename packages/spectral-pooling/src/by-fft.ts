// The same maps by way of FFTs, for large photographs, where a matrix costs more to make than it saves, and for such images
// as weigh less than the matrices.
import { customGrad, type GradSaveFunc, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { type ImageMap, transposedMap } from './by-fft/bins.ts';
import { mapImages } from './by-fft/map-images.ts';
import { multiplySpectra } from './by-fft/multiply-spectra.ts';
import type { SpectralMap } from './steps.ts';

/**
 * Matrices that weigh as much as the images cost as much to make as they save, and do not fit into the room of one map. What is
 * there of them at once is at most so many times the squares of the sides. `pnpm bench large-images` on wasm, there and back: of
 * one image with 3 channels FFTs take 2.5 times as long as matrices at 128 pixels a side, as long at 224, and 0.5 to 0.85 times
 * from 384 to 1024; of 16 channels or four images 0.8 to 1.3 times up to 512.
 */
const MATRICES = { complex: 8, real: 6 };

/** Of images with fewer numbers, nobody misses the room for the matrices. */
const LIGHT = 2 ** 17;

/**
 * From here on FFTs are faster, but where many small images shrink a lot: to a sixteenth of 1040 pixels, 64 images of 8 rows take
 * matrices a twelfth of the time, for what runs image by image pays for its many operations on each.
 */
const LONG = 1024;

/** Whether FFTs are the better way for images (batch, H, W, channels), whatever the strides. */
export function goesByFft({ shape, size }: Tensor, { height }: SpectralMap): boolean {
  if (!height) return false;
  const [, rows, columns] = shape as [number, number, number, number];
  if (Math.max(rows, columns) > LONG) return true;
  return size >= LIGHT && MATRICES[height.real ? 'real' : 'complex'] * (rows ** 2 + columns ** 2) > size;
}

/**
 * Y = irfft2(edit(rfft2(X))), differentiable in X; what `stepsOf` computes with matrices. The map is made anew where it is
 * used, so that no weights are kept for the way back.
 */
export function mapByFft(x: Tensor, map: () => ImageMap): Tensor {
  const apply = customGrad((...inputs) => ({
    value: tidy(() => mapImages(inputs[0] as Tensor, map())),
    gradFunc: (dy: Tensor) => mapByFft(dy, () => transposedMap(map())),
  }));
  return apply(x);
}

/** By a map without weights and a `grid` of them: for each bin of the height one for each bin of the width. Differentiable in both. */
export function weighedByFft(x: Tensor, map: ImageMap, grid: Tensor): Tensor {
  const apply = customGrad((...inputs) => {
    const [images, weights, save] = inputs as [Tensor, Tensor, GradSaveFunc];
    save([images, weights]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) => [
      weighedByFft(dy, transposedMap(map), saved[1]!),
      productsByFft(saved[0]!, dy, map),
    ];
    return { value: tidy(() => mapImages(images, map, weights)), gradFunc };
  });
  return apply(x, grid);
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
      weighedByFft(saved[1]!, transposedMap(map), dProducts),
      weighedByFft(saved[0]!, map, dProducts),
    ];
    return { value: tidy(() => multiplySpectra(images, gradients, map)), gradFunc };
  });
  return products(x, dy);
}
