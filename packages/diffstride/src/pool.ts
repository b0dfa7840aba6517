// What every form of DiffStride comes down to: masks from the strides, the spectral map under them, and its gradient.
import {
  adjointSteps,
  applySteps,
  fftIsCheaper,
  mapByFft,
  resample,
  type SpectralMap,
  spectrumWeights,
  transformSteps,
  type WeightedSide,
  worksInLines,
} from '@stridelab/spectral-pooling/spectral-map';
import {
  add,
  clipByValue,
  concat,
  customGrad,
  div,
  type GradSaveFunc,
  matMul,
  maximum,
  mul,
  ones,
  reshape,
  slice,
  stack,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import { DiffStrideError } from './errors.ts';
import { COLUMN_OFFSET, leastStrides, type MaskedSide, maskedColumns, maskedRows, usedStrides } from './masks.ts';
import type { Rules } from './rules.ts';

/** Strides as the host knows them, and as a tensor if they are to have a gradient. */
export interface Strides {
  values: readonly number[];
  tensor?: Tensor;
  /** Values of a moment ago: they choose the frequencies, whose weights are computed from the tensor on the device. */
  stale?: boolean;
}

/** Height and width, or the length alone, under their masks. */
export function maskedSides(
  operation: string,
  sides: readonly number[],
  values: readonly number[],
  rules: Rules,
): MaskedSide[] {
  if (!values.every(Number.isFinite)) throw new DiffStrideError(operation, 'strides must be finite', [...values]);
  const used = usedStrides(sides, values, rules);
  const last = sides.length - 1;
  const masks = sides.map((side, i) => (i < last ? maskedRows : maskedColumns)(side, used[i]!, rules));
  const lengths = masks.map(({ side }) => side.outputSize);
  if (lengths.some((length) => length < 2)) {
    throw new DiffStrideError(operation, 'the pooled map must be 2 or more on every side', lengths);
  }
  return masks;
}

/** Images (batch, ...sides, channels) pooled with `strides`, differentiable in the images and in `strides.tensor`. */
export function pool(operation: string, x: Tensor, strides: Strides, rules: Rules): Tensor {
  const sides = x.shape.slice(1, -1);
  const masks = maskedSides(operation, sides, strides.values, rules);
  if (strides.tensor) {
    const large = fftIsCheaper(x, toMap(masks.map(({ side }) => side)));
    const learnable = large ? learnablePoolByFft : learnablePool;
    return tidy(() => learnable(x, strides.tensor!, masks, strides, rules));
  }
  return tidy(() => resample(x, toMap(masks.map(({ side, weights }) => ({ ...side, weights: tensor1d(weights) })))));
}

/**
 * Y = synthesis(weights * analysis(X)). The spectrum in between is kept for the way back, where the weights' gradient is its
 * product with the gradient's own spectrum; it is smaller than the image.
 */
function learnablePool(x: Tensor, tensor: Tensor, masks: MaskedSide[], strides: Strides, rules: Rules): Tensor {
  const sides = x.shape.slice(1, -1);
  const channels = x.shape.at(-1)!;
  const hasGradient = usedStrides(sides, strides.values, rules).map((used) => used.hasGradient);
  const bare = toMap(masks.map(({ side }) => side));
  const shape = [x.shape[0]!, ...masks.map(({ side }) => side.outputSize), channels];

  const forward = customGrad((...inputs) => {
    const [images, variable, save] = inputs as [Tensor, Tensor, GradSaveFunc];
    const weights = strides.stale
      ? weightsOnDevice(masks, sides, variable, rules)
      : masks.map((mask) => tensor1d(mask.weights));
    const spectrum = applySteps(images, transformSteps(bare, 'analysis'), channels, { toLines: true });
    save([spectrum, ...weights]);
    const value = applySteps(spectrum, transformSteps(withWeights(masks, weights), 'synthesis'), channels, {
      fromLines: true,
    });

    const gradFunc = (dy: Tensor, saved: Tensor[]) => {
      const [kept, ...savedWeights] = saved as [Tensor, ...Tensor1D[]];
      const dSpectrum = applySteps(dy, adjointSteps(transformSteps(bare, 'synthesis')), channels, { toLines: true });
      const dStrides = tidy(() => {
        const slopes = slopesOfWeights(mul(kept, dSpectrum), masks, savedWeights, channels);
        const counted = mul(slopes, tensor1d(hasGradient.map(Number)));
        return reshape(rules.shared ? sum(counted) : counted, variable.shape);
      });
      const analysis = transformSteps(withWeights(masks, savedWeights), 'analysis');
      const dx = tidy(() =>
        reshape(applySteps(dSpectrum, adjointSteps(analysis), channels, { consume: true, fromLines: true }), x.shape),
      );
      return [dx, dStrides];
    };
    return { value: reshape(value, shape), gradFunc };
  });
  return forward(x, tensor);
}

/** The same for images so large that FFTs are cheaper: there the weights are on the tape, and the strides behind them. */
function learnablePoolByFft(x: Tensor, tensor: Tensor, masks: MaskedSide[], strides: Strides, rules: Rules): Tensor {
  const sides = x.shape.slice(1, -1);
  const used = usedStrides(sides, strides.values, rules);
  const [height, width] = masks.map((mask, i) => {
    const weigh = customGrad((...inputs) => {
      const variable = inputs[0] as Tensor;
      const value = strides.stale ? weightsOnDevice(masks, sides, variable, rules)[i]! : tensor1d(mask.weights);
      const gradFunc = (dWeights: Tensor) => {
        const slope = mul(sum(mul(dWeights, tensor1d(mask.slopes))), Number(used[i]!.hasGradient));
        const own = masks.map((_, side) => Number(side === i));
        return reshape(mul(slope, tensor1d(rules.shared ? [1] : own)), variable.shape);
      };
      return { value, gradFunc };
    });
    return { ...mask.side, weights: weigh(tensor) as Tensor1D };
  }) as [WeightedSide, WeightedSide];
  return mapByFft(x, height, width);
}

function toMap(sides: WeightedSide[]): SpectralMap {
  return sides.length === 1 ? { width: sides[0]! } : { height: sides[0]!, width: sides[1]! };
}

function withWeights(masks: MaskedSide[], weights: Tensor1D[]): SpectralMap {
  return toMap(masks.map(({ side }, i) => ({ ...side, weights: weights[i]! })));
}

/**
 * dL/dS of each side from dL/d(weight of a row * weight of a column), which is `products` summed over images and channels:
 * each side's slopes on it, and the other side's weights.
 */
function slopesOfWeights(products: Tensor, masks: MaskedSide[], weights: Tensor1D[], channels: number): Tensor1D {
  const map = toMap(masks.map(({ side }) => side));
  const batch = products.shape[0]!;
  const of = (w: Tensor1D, i: number) => spectrumWeights(w, i === masks.length - 1 ? 'width' : 'height', map);
  const slopes = masks.map((mask, i) => of(tensor1d(mask.slopes), i));
  const others = weights.map(of);
  // Sums as products of matrices: the fastest reductions that every backend has.
  const rows = slopes[0]!.size;
  const [height, width] = masks.length > 1 ? [rows, slopes[1]!.size] : [1, rows];
  if (worksInLines() && masks.length > 1) {
    // (batch, width, channels, height): the rows are summed first, with both of their weightings.
    const weighted = matMul(reshape(products, [-1, height]), stack([slopes[0]!, others[0]!], 1) as Tensor2D);
    const pairs = sum(reshape(weighted, [batch, width, channels, 2]), [0, 2]) as Tensor2D;
    return sum(mul(pairs, stack([others[1]!, slopes[1]!], 1)), 0);
  }
  if (worksInLines()) {
    const columns = matMul(reshape(products, [-1, width]), reshape(slopes[0]!, [-1, 1]));
    return reshape(sum(columns), [1]);
  }
  const overChannels = matMul(reshape(products, [-1, channels]), ones([channels, 1]));
  const grid: Tensor2D = reshape(matMul(ones([1, batch]), reshape(overChannels, [batch, -1]) as Tensor2D), [
    height,
    width,
  ]);
  if (masks.length === 1) return sum(mul(grid, slopes[0]!), 1);
  const asRow = (w: Tensor1D) => reshape(w, [1, -1]) as Tensor2D;
  const asColumn = (w: Tensor1D) => reshape(w, [-1, 1]) as Tensor2D;
  const forHeight = matMul(matMul(asRow(slopes[0]!), grid), asColumn(others[1]!));
  const forWidth = matMul(matMul(asRow(others[0]!), grid), asColumn(slopes[1]!));
  return reshape(concat([forHeight, forWidth]), [2]);
}

/** The masks' weights by the formula of masks.ts, from strides that only the device knows. */
function weightsOnDevice(masks: MaskedSide[], sides: readonly number[], strides: Tensor, rules: Rules): Tensor1D[] {
  const { smoothness, lowerLimit = 1, upperLimit = 3e38 } = rules;
  const least = leastStrides(sides, rules);
  return masks.map(({ positions }, i) => {
    const stride = slice(reshape(strides, [-1]), rules.shared ? 0 : i, 1);
    const used = clipByValue(maximum(stride, least[i]!), lowerLimit, upperLimit);
    const t = add(maximum(div(sides[i]! / 2, used), 1), i === masks.length - 1 ? COLUMN_OFFSET : 0);
    return clipByValue(div(sub(add(t, smoothness), positions), smoothness), 0, 1) as Tensor1D;
  });
}
