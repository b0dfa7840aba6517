// The products of a spectrum and of what a last matrix M would make another one of, summed, without ever making that: for each
// number of the inner axis, sum over t of M[r, t] * G[r, t], where G[r, t] is the sum of left[r] * right[t] over examples and
// channels. G is a product of matrices as large as M's own would be, and its result is small.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { groupOf, type Letter, linearCode, type Operand } from '../../gemm/operand.ts';
import { outputInto } from '../../gemm/output.ts';
import { multiply } from '../../gemm/product.ts';
import type { Backend } from '../../gpu/backend.ts';
import { output } from '../../gpu/dispatch.ts';
import type { KernelCall } from '../kernel.ts';
import { sumPlaces } from './place-sums.ts';

/** Channels lie together in memory; of fewer, numbers would be fetched from all over the maps. */
const LEAST_CHANNELS = 16;
/** There are at least so many products to add for each number of a row of M: all of G is so much smaller than a spectrum. */
const LEAST_TERMS = 2;
/** The same for G in several parts. */
const LEAST_TERMS_OF_PARTS = 8;
/** So many workgroups are enough for every core of a large chip. */
const WORKGROUPS = 512;

export interface Sizes {
  examples: number;
  channels: number;
  /** (outer, rows, inner, channels) of an example on the left, (outer, n, inner, channels) on the right. */
  outer: number;
  rows: number;
  n: number;
  inner: number;
}

/** Into how many equal parts the examples fall, each with a G of its own; 0 where none of this pays. */
export function gramParts({ examples, channels, outer, n, inner }: Sizes): number {
  if (channels < LEAST_CHANNELS) return 0;
  let parts = 0;
  for (let next = 1; next <= examples && parts * outer * inner < WORKGROUPS; next++) {
    const terms = ((examples / next) * channels) / n;
    if (examples % next === 0 && terms >= (next === 1 ? LEAST_TERMS : LEAST_TERMS_OF_PARTS)) parts = next;
  }
  return parts;
}

/** Numbers of one G. */
export const gramSize = ({ outer, rows, n, inner }: Sizes): number => outer * inner * rows * n;

export interface Gram {
  left: TensorInfo;
  right: TensorInfo;
  /** The example of `right` that is the first. */
  from: number;
  sizes: Sizes;
  /** Where they go: a part after the other, from number `part` on. */
  grams: TensorInfo;
  part: number;
}

export function addGrams(
  { backend, abilities }: Pick<KernelCall, 'backend' | 'abilities'>,
  { left, right, from, sizes, grams, part }: Gram,
): void {
  const { examples, channels, outer, rows, n, inner } = sizes;
  const parts = gramParts(sizes);
  multiply(backend, abilities, {
    name: 'StridelabChainGrams',
    ...{ batch: parts * outer * inner, rows, columns: n, inner: (examples / parts) * channels },
    a: overExamples('A', left, { ...sizes, lines: rows, parts, from: 0 }),
    b: overExamples('B', right, { ...sizes, lines: n, parts, from }),
    output: outputInto(grams, part * gramSize(sizes)),
  });
}

/** (places) */
export function weighedGrams(backend: Backend, grams: TensorInfo, matrix: TensorInfo, sizes: Sizes): TensorInfo {
  const { outer, rows, n, inner } = sizes;
  const places = outer * rows * inner;
  const each = output(backend, [places]);
  const parts = util.sizeFromShape(grams.shape) / gramSize(sizes);
  sumPlaces(backend, weighed, places, {
    tensors: { grams, matrix, each },
    uniforms: { terms: parts * n, first: 0, rows, n, inner, perPart: gramSize(sizes) },
  });
  return each;
}

const weighed = {
  variant: 'grams',
  bindings: { grams: 'read', matrix: 'read' },
  uniforms: ['rows', 'n', 'inner', 'perPart'],
  code: /* wgsl */ `
    fn term(place: u32, i: u32) -> f32 {
      let row = place / uniforms.inner % uniforms.rows;
      let gram = place / uniforms.inner / uniforms.rows * uniforms.inner + place % uniforms.inner;
      let t = i % uniforms.n;
      let at = i / uniforms.n * uniforms.perPart + (gram * uniforms.rows + row) * uniforms.n + t;
      return matrix[row * uniforms.n + t] * grams[at];
    }`,
} as const;

interface Lines extends Sizes {
  lines: number;
  parts: number;
  from: number;
}

/** Of (examples, outer, lines, inner, channels): a line for each outer index, over the examples of a part and the channels. */
function overExamples(letter: Letter, tensor: TensorInfo, { lines, parts, from, ...sizes }: Lines): Operand {
  const { examples, channels, outer, inner } = sizes;
  const name = (quantity: string) => `${quantity}${letter}`;
  const perExample = outer * lines * inner * channels;
  const uniform = (quantity: string) => `uniforms.${name(quantity)}`;
  const code = linearCode(
    letter,
    `i * ${uniform('line')} + start${letter}(batch)`,
    `k / ${uniform('channels')} * ${uniform('example')} + k % ${uniform('channels')}`,
  );
  return {
    tensor,
    contiguous: 'inner',
    group: groupOf(channels),
    key: `over examples ${groupOf(channels)}`,
    uniforms: {
      [name('line')]: ['u32', inner * channels],
      [name('channels')]: ['u32', channels],
      [name('example')]: ['u32', perExample],
      [name('inner')]: ['u32', inner],
      [name('outer')]: ['u32', outer],
      [name('block')]: ['u32', lines * inner * channels],
      [name('part')]: ['u32', (examples / parts) * perExample],
      [name('from')]: ['u32', from * perExample],
    },
    code: /* wgsl */ `
// Where a matrix begins: of a part, of an outer index of its examples, and of an inner one.
fn start${letter}(matrix: u32) -> u32 {
  let block = matrix / ${uniform('inner')};
  let part = block / ${uniform('outer')};
  return ${uniform('from')} + part * ${uniform('part')} + block % ${uniform('outer')} * ${uniform('block')}
    + matrix % ${uniform('inner')} * ${uniform('channels')};
}
${code}`,
  };
}
