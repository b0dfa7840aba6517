// The inner product on matrix units, or their emulation: each subgroup makes a block of the tile out of fragments.
import type { MatrixUnits } from '../gpu/device.ts';
import type { Fragments } from './fragments.ts';
import { type InnerProduct, type InnerProductOptions, range } from './inner-product.ts';
import { scratchOf } from './tile.ts';

export interface MatrixOptions extends MatrixUnits {
  fragments: Fragments;
  /** Each number is the sum of two of float16; the products of the high parts, and of high and low, are added. */
  split: boolean;
  /** Four neighbours of the output are one vec4f. */
  wide: boolean;
  /** Whole tiles of the result may be stored as they are. */
  direct: boolean;
  /** There are no others. */
  whole: boolean;
}

/**
 * The nearest float of 11 significant bits, by its bits; and what it leaves over, nothing of infinity. Compilers may take a
 * float32 that was made float16 and float32 again for what it was, and then nothing would ever be left over.
 */
const HIGH_AND_LOW = /* wgsl */ `
fn highOf(v: vec4f) -> vec4f { return bitcast<vec4f>((bitcast<vec4u>(v) + vec4u(0x1000u)) & vec4u(0xffffe000u)); }
fn lowOf(v: vec4f, high: vec4f) -> vec4f { return select(v - high, vec4f(), abs(v) > vec4f(65504)); }`;

export function matrixProduct({ tile, a, b }: InnerProductOptions, options: MatrixOptions): InnerProduct {
  const { fragments, side, lanes, split, wide, direct, whole } = options;
  const [ownRows, ownColumns] = tile.own;
  const across = tile.columns / ownColumns;
  const [rows, columns] = [range(ownRows / side), range(ownColumns / side)];
  const all = rows.flatMap((i) => columns.map((j) => ({ i, j, name: `c${i}_${j}` })));
  const parts = split ? ['', 'low'] : [''];
  const halves = split ? 2 : 1;

  const layouts = { A: a, B: b };
  /** The strip of all that a tile's memory has, by its place in the tile. */
  const stripAt = (letter: 'A' | 'B', buffer: string, part: string, strip: string) => {
    const { strips } = layouts[letter];
    return `${buffer} * ${strips * halves}u + ${part ? strips : 0}u + ${strip}`;
  };
  const loads = (letter: 'A' | 'B', each: number[], k: number) =>
    each.flatMap((i) =>
      parts.map((part) => {
        const { contiguous, stride, unit } = layouts[letter];
        const [line, at] = contiguous === 'inner' ? [i * side, k] : [k, i * side];
        const load = fragments.load(letter, contiguous, `from${letter}${part}`, line * stride + at / unit, stride);
        return `let ${letter.toLowerCase()}${part}${k}_${i} = ${load};`;
      }),
    );
  const products = (k: number) =>
    all.flatMap(({ i, j, name }) => {
      const pairs = split
        ? [
            ['low', ''],
            ['', 'low'],
            ['', ''],
          ]
        : [['', '']];
      return pairs.map(([l, r]) => `${name} = ${fragments.multiply(`a${l}${k}_${i}`, `b${r}${k}_${j}`, name)};`);
    });
  const across4 = side / 4;
  const quads = side * across4;
  const throughScratch = all.flatMap(({ i, j, name }) => [
    fragments.store('scratch', `subgroup * ${quads}u`, name, `${across4}u`),
    'workgroupBarrier();',
    `for (var quad = lane; quad < ${quads}u; quad += ${lanes}u) {`,
    `let row = firstRow + ownRow + ${i * side}u + quad / ${across4}u;`,
    `let column = firstColumn + ownColumn + ${j * side}u + quad % ${across4}u * 4u;`,
    `put(row, column, scratch[subgroup * ${quads}u + quad]);`,
    '}',
    'workgroupBarrier();',
  ]);
  const asTheyAre = all.map(({ i, j, name }) => {
    const at = `(rowStart(firstRow + ownRow + ${i * side}u) + firstColumn + ownColumn + ${j * side}u) / 4u`;
    return fragments.store('c', at, name, 'uniforms.columns / 4u');
  });
  return {
    attributes: fragments.attributes,
    parameters: fragments.parameters,
    declarations: /* wgsl */ `
${fragments.quads}
${fragments.declarations(side, a, b, wide)}
${split ? HIGH_AND_LOW : ''}
var<workgroup> tileA: array<array<${a.packed ? 'vec4u' : 'Quad'}, ${a.size}>, ${a.strips * tile.buffers * halves}>;
var<workgroup> tileB: array<array<${b.packed ? 'vec4u' : 'Quad'}, ${b.size}>, ${b.strips * tile.buffers * halves}>;
var<workgroup> scratch: array<vec4f, ${scratchOf(tile, options)}>;`,
    begin: fragments.begin,
    accumulators: [
      `let ownRow = subgroup / ${across}u * ${ownRows}u;`,
      `let ownColumn = subgroup % ${across}u * ${ownColumns}u;`,
      ...all.map(({ name }) => `var ${name}: Result;`),
    ].join('\n'),
    stored: (letter) => (at, value) => {
      const placeOf = (part: string) => `tile${letter}[${stripAt(letter, at.buffer, part, at.strip)}][${at.vector}]`;
      if (layouts[letter].packed) return `${placeOf('')} = ${value};`;
      const scaled = `${value} * scale${letter}`;
      if (!split) return `${placeOf('')} = quadOf(${scaled});`;
      return `{ let v = ${scaled}; let high = highOf(v); ${placeOf('')} = quadOf(high); ${placeOf('low')} = quadOf(lowOf(v, high)); }`;
    },
    multiply: (buffer) =>
      [
        ...parts.flatMap((part) => [
          `let fromA${part} = ${stripAt('A', buffer, part, `subgroup / ${across}u`)};`,
          `let fromB${part} = ${stripAt('B', buffer, part, `subgroup % ${across}u`)};`,
        ]),
        ...range(tile.depth / side).flatMap((step) => [
          ...loads('A', rows, step * side),
          ...loads('B', columns, step * side),
          ...products(step * side),
        ]),
      ].join('\n'),
    store: [
      ...all.map(({ name }) => `${name} = ${fragments.scale(fragments.scale(name, 'back.x'), 'back.y')};`),
      ...(direct && !whole
        ? [
            `if (firstRow + ${tile.rows}u <= extent.x && firstColumn + ${tile.columns}u <= uniforms.columns) {`,
            ...asTheyAre,
            '} else {',
            ...throughScratch,
            '}',
          ]
        : direct
          ? asTheyAre
          : throughScratch),
    ].join('\n'),
  };
}
