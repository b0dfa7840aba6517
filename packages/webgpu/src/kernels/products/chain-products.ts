import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { sumParts } from '../../gemm/sum-parts.ts';
import type { Backend } from '../../gpu/backend.ts';
import { output } from '../../gpu/dispatch.ts';
import { type KernelCall, trainingKernel } from '../kernel.ts';
import { type Chain, heldBy, matricesOf, piecesOf, type Range, runChain, sizesOf, withoutLast } from './chain.ts';
import { addGrams, gramParts, gramSize, type Sizes, weighedGrams } from './grams.ts';
import { type PlaceTerms, sumPlaces } from './place-sums.ts';

const NAME = 'StridelabChainProducts';

interface Attrs {
  aInner: number[];
  bInner: number[];
  channels: number;
}

/**
 * a and b (batch, ...), each with a chain of its own (aMatrix0, ..., bMatrix0, ...) to (batch, places, channels) -> (places), the
 * sum over the batch and the channels of the product of both.
 */
export const chainProducts = trainingKernel<Attrs>(NAME, (call) => {
  const { inputs, attrs } = call;
  const { aInner, bInner, channels } = attrs;
  const chainOf = (x: TensorInfo, letter: string, inner: number[]): Chain => ({
    ...{ name: NAME, x, channels, inner },
    matrices: matricesOf(inputs, `${letter}Matrix`, inner.length),
  });
  const [a, b] = [chainOf(inputs.a!, 'a', aInner), chainOf(inputs.b!, 'b', bInner)];
  const batch = a.x.shape[0]!;
  // The room is that of the gradient of a, which is not there yet, and of one map more.
  const room = 2 * util.sizeFromShape(a.x.shape);
  const byGrams = piecesOf(batch, (share) => heldByGrams(a, b, share), room);
  const parts = byGrams.map(([from, to]) => gramParts(lastSizesOf(b, to - from)));
  if (!parts.includes(0)) return sumOfGrams(call as never, { a, b, pieces: byGrams, parts });
  const spectrum = sizesOf(a).at(-1)!;
  const pieces = piecesOf(batch, (share) => share * Math.max(heldBy(a), spectrum + heldBy(b)), room);
  return sumOfProducts(call as never, { a, b, pieces });
});

interface Both {
  a: Chain;
  b: Chain;
  pieces: Range[];
}

/** Without the last product of b. */
function sumOfGrams(call: KernelCall<never>, { a, b, pieces, parts }: Both & { parts: number[] }): TensorInfo {
  const { backend } = call;
  const all = lastSizesOf(b, a.x.shape[0]!);
  const before = withoutLast(b);
  const count = parts.reduce((sum, own) => sum + own);
  let grams: TensorInfo | undefined;
  let part = 0;
  for (const [i, piece] of pieces.entries()) {
    const [left, right] = [runChain(call, a, piece), runChain(call, before, piece)];
    const sizes = lastSizesOf(b, piece[1] - piece[0]);
    grams ??= output(backend, [count, gramSize(all)]);
    addGrams(call, { left, right, from: right === b.x ? piece[0] : 0, sizes, grams, part });
    for (const made of [left, right]) if (made !== b.x) backend.disposeData(made.dataId);
    part += parts[i]!;
  }
  const sums = weighedGrams(backend, grams!, b.matrices.at(-1)!, all);
  backend.disposeData(grams!.dataId);
  return sums;
}

/** What a piece holds at once, and all grams: those of pieces stay while others are made. */
function heldByGrams(a: Chain, b: Chain, share: number): number {
  const batch = b.x.shape[0]!;
  const [spectrum, before, sizes] = [sizesOf(a).at(-1)!, withoutLast(b), lastSizesOf(b, Math.round(share * batch))];
  const grams = (gramParts(sizes) * gramSize(sizes)) / share;
  const right = before.matrices.length ? sizesOf(before).at(-1)! : 0;
  const ofChains = share * Math.max(heldBy(a), spectrum + heldBy(before));
  return Math.max(ofChains + (share < 1 ? grams : 0), share * (spectrum + right) + grams);
}

/** Of both spectra. */
function sumOfProducts(call: KernelCall<never>, { a, b, pieces }: Both): TensorInfo {
  const { backend } = call;
  const { outer, rows, inner } = lastSizesOf(b, 1);
  const places = outer * rows * inner;
  const each = output(backend, [1, pieces.length, 1, places]);
  for (const [part, piece] of pieces.entries()) {
    const [left, right] = [runChain(call, a, piece), runChain(call, b, piece)];
    addProducts(backend, { left, right, each, first: part * places, sizes: lastSizesOf(b, piece[1] - piece[0]) });
    for (const { dataId } of [left, right]) backend.disposeData(dataId);
  }
  if (pieces.length === 1) return { ...each, shape: [places] };
  const sums = sumParts(backend, each, [places], undefined);
  backend.disposeData(each.dataId);
  return sums;
}

/** What the last product of a chain is about, for so many examples. */
function lastSizesOf(chain: Chain, examples: number): Sizes {
  const { channels } = chain;
  const [rows, n] = chain.matrices.at(-1)!.shape as [number, number];
  const inner = chain.inner.at(-1)!;
  const outer = sizesOf(chain).at(-1)! / (chain.x.shape[0]! * rows * inner * channels);
  return { examples, channels, outer, rows, n, inner };
}

interface Products {
  left: TensorInfo;
  right: TensorInfo;
  each: TensorInfo;
  first: number;
  sizes: Sizes;
}

/** Sums of left * right over examples and channels. */
function addProducts(backend: Backend, { left, right, each, first, sizes }: Products): void {
  const { examples, outer, rows, inner } = sizes;
  const width = sizes.channels % 4 === 0 ? 4 : 1;
  const channels = sizes.channels / width;
  sumPlaces(backend, productTerms(width), outer * rows * inner, {
    tensors: { left, right, each },
    uniforms: { terms: examples * channels, first, channels },
  });
}

function productTerms(width: 1 | 4): PlaceTerms {
  const read = { access: 'read', element: width === 4 ? 'vec4f' : 'f32' } as const;
  return {
    variant: `products ${width}`,
    bindings: { left: read, right: read },
    uniforms: ['channels'],
    code: /* wgsl */ `
    fn term(place: u32, i: u32) -> f32 {
      let channels = uniforms.channels;
      let at = (i / channels * uniforms.places + place) * channels + i % channels;
      return ${width === 4 ? 'dot(left[at], right[at])' : 'left[at] * right[at]'};
    }`,
  };
}
