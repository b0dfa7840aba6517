// What two images say about the weights between analysis and synthesis.
import {
  addN,
  customGrad,
  type GradSaveFunc,
  matMul,
  mul,
  ones,
  reshape,
  type Tensor,
  type Tensor1D,
  tidy,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core';
import { applySteps } from './apply-steps.ts';
import { chainOf, constantsOf, heldBy } from './chain.ts';
import { isForKernel, KERNELS, matricesOf, runKernel } from './kernels.ts';
import { worksInLines } from './lines.ts';
import { cutOf, pieceOf } from './pieces.ts';
import { adjointSteps, type PlannedStep, type SpectralMap, type Step, stepsFrom } from './steps.ts';
import { spectrumBins, transformSteps } from './transform-steps.ts';

/**
 * The spectrum of the images x times that which the gradient dy has behind the synthesis, summed over images and channels:
 * the gradient of every single weight of the spectrum. One dimension, the height's numbers times the width's.
 * Neither spectrum is there as a whole where that would take more room than x and dy have.
 */
export function spectrumProducts(x: Tensor, dy: Tensor, map: SpectralMap): Tensor1D {
  const ofX = () => transformSteps(map, 'analysis');
  const ofDy = () => adjointSteps(transformSteps(map, 'synthesis'));
  const products = customGrad((...inputs) => {
    const [a, b, save] = inputs as [Tensor, Tensor, GradSaveFunc];
    const value = tidy(() => productsOf(a, b, stepsFrom(ofX()), stepsFrom(ofDy())));
    save([a, b]);
    const gradFunc = (dProducts: Tensor, saved: Tensor[]) => {
      const [images, gradients] = saved as [Tensor, Tensor];
      const heights = map.height ? spectrumBins('height', map).length : 1;
      const shape = [images.shape[0]!, heights, dProducts.size / heights, images.shape.at(-1)!];
      const dWeights = reshape(dProducts, [heights, -1, 1]);
      const back = (from: Tensor, steps: () => PlannedStep[], to: Tensor, toSteps: () => PlannedStep[]) => {
        const weighted = mul(applySteps(from, steps, shape), dWeights);
        return applySteps(weighted, () => adjointSteps(toSteps()), to.shape);
      };
      return tidy(() => [back(gradients, ofDy, images, ofX), back(images, ofX, gradients, ofDy)]);
    };
    return { value, gradFunc };
  });
  return products(x, dy) as Tensor1D;
}

function productsOf(x: Tensor, dy: Tensor, ofX: Step[], ofDy: Step[]): Tensor {
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const pixels = x.shape.slice(1, -1).reduce((a, b) => a * b);
  const places = ofX.reduce((values, { rows, n }) => (values / n) * rows, pixels);
  if (x.size === 0) return zeros([places]);
  if (isForKernel(KERNELS.chainProducts, x)) {
    const [aInner, bInner] = [ofX, ofDy].map((steps) => steps.map(({ inner }) => inner));
    const inputs = { a: x, b: dy, ...matricesOf(ofX, 'aMatrix'), ...matricesOf(ofDy, 'bMatrix') };
    return runKernel(KERNELS.chainProducts, inputs, { aInner: aInner!, bInner: bInner!, channels });
  }
  const spectrum = batch * places * channels;
  // Both spectra and their product are there at once; the room is that of dx, which is not there yet, and of one map more.
  const held = Math.max(heldBy(ofX, x.size), spectrum + heldBy(ofDy, dy.size), 3 * spectrum);
  const constants = constantsOf(ofX) + constantsOf(ofDy);
  const cut = cutOf(x, constants + held, 2 * x.size);
  const [toSpectrum, toGradients] = [chainOf(ofX), chainOf(ofDy)];
  const options = { consume: cut.count > 1, toLines: true };
  const sums = Array.from({ length: cut.count }, (_, i) => {
    const own = toSpectrum(pieceOf(x, cut, i), options);
    const gradients = toGradients(pieceOf(dy, cut, i), options);
    return tidy(() => summed(own, gradients));
  });
  const sum = addN(sums);
  return reshape(worksInLines() ? transpose(reshape(sum, [-1, heightsOf(ofX)])) : sum, [-1]);
}

/** How many numbers the height has in a spectrum. */
function heightsOf(steps: Step[]): number {
  return steps.length > 1 ? steps.at(-1)!.rows : 1;
}

/** The product of two results of chains, which are disposed of, summed over images and channels by products of matrices. */
function summed(a: Tensor, b: Tensor): Tensor {
  const products = mul(a, b);
  for (const tensor of [a, b]) tensor.dispose();
  const [batch, second, last] = a.shape as [number, number, number];
  if (worksInLines()) return matMul(ones([1, batch * second]), reshape(products, [-1, last]));
  const overChannels = matMul(reshape(products, [-1, last]), ones([last, 1]));
  return matMul(ones([1, batch]), reshape(overChannels, [batch, second]));
}
