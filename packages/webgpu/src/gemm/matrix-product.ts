// The inner product on matrix units, or their emulation: each subgroup makes a block of the tile out of fragments.
import type { Fragments } from './fragments.ts';
import { type InnerProduct, type InnerProductOptions, range } from './inner-product.ts';
import { FRAGMENT } from './tile.ts';

export interface MatrixOptions {
  fragments: Fragments;
  /** Each number is the sum of two of float16; the products of the high parts, and of high and low, are added. */
  split: boolean;
  /** Four neighbours of the output are one vec4f. */
  wide: boolean;
  /** Whole tiles of the result may be stored as they are. */
  direct: boolean;
}

/** What float16 leaves over, and nothing of infinity. */
const REST =
  'fn restOf(v: vec4f, high: Quad) -> vec4f { return select(v - valuesOf(high), vec4f(), abs(v) > vec4f(65504)); }';

const SCRATCH = (FRAGMENT * FRAGMENT) / 4;

export function matrixProduct({ tile, a, b }: InnerProductOptions, options: MatrixOptions): InnerProduct {
  const { fragments, split, wide, direct } = options;
  const [ownRows, ownColumns] = tile.own;
  const across = tile.columns / ownColumns;
  const subgroups = (tile.rows / ownRows) * across;
  const [rows, columns] = [range(ownRows / FRAGMENT), range(ownColumns / FRAGMENT)];
  const all = rows.flatMap((i) => columns.map((j) => ({ i, j, name: `c${i}_${j}` })));
  const parts = split ? ['', 'low'] : [''];
  const halves = split ? 2 : 1;

  /** Vector at which fragment `i` of the subgroup's begins, `k` along the inner axis. */
  const place = (layout: typeof a, own: string, i: number, k: number) => {
    const [outer, inner] = [`(${own} + ${i * FRAGMENT}u)`, `${k}u`];
    const [line, at] = layout.contiguous === 'inner' ? [outer, inner] : [inner, outer];
    return `${line} * ${layout.stride}u + ${at} / ${layout.unit}u`;
  };
  const loads = (letter: 'A' | 'B', layout: typeof a, own: string, each: number[], k: number) =>
    each.flatMap((i) =>
      parts.map((part) => {
        const at = `from${letter} + ${part ? layout.size : 0}u + ${place(layout, own, i, k)}`;
        return `let ${letter.toLowerCase()}${part}${k}_${i} = ${fragments.load(letter, layout.contiguous, at, layout.stride)};`;
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
  const throughScratch = all.flatMap(({ i, j, name }) => [
    fragments.store('scratch', `subgroup * ${SCRATCH}u`, name, '4u'),
    'workgroupBarrier();',
    ...[0, 1].map(
      (half) =>
        `put(firstRow + ownRow + ${i * FRAGMENT + half * 8}u + (lane >> 2u), firstColumn + ownColumn + ${j * FRAGMENT}u + (lane & 3u) * 4u, scratch[subgroup * ${SCRATCH}u + ${half * 32}u + lane]);`,
    ),
    'workgroupBarrier();',
  ]);
  const whole = all.map(({ i, j, name }) => {
    const at = `(rowStart(firstRow + ownRow + ${i * FRAGMENT}u) + firstColumn + ownColumn + ${j * FRAGMENT}u) / 4u`;
    return fragments.store('c', at, name, 'uniforms.columns / 4u');
  });
  return {
    attributes: fragments.attributes,
    parameters: fragments.parameters,
    declarations: /* wgsl */ `
${fragments.quads}
${fragments.declarations(a, b, wide)}
${split ? REST : ''}
var<workgroup> tileA: array<${a.packed ? 'vec4u' : 'Quad'}, ${a.size * tile.buffers * halves}>;
var<workgroup> tileB: array<${b.packed ? 'vec4u' : 'Quad'}, ${b.size * tile.buffers * halves}>;
var<workgroup> scratch: array<vec4f, ${subgroups * SCRATCH}>;`,
    begin: fragments.begin,
    accumulators: [
      `let ownRow = subgroup / ${across}u * ${ownRows}u;`,
      `let ownColumn = subgroup % ${across}u * ${ownColumns}u;`,
      ...all.map(({ name }) => `var ${name}: Result;`),
    ].join('\n'),
    stored: (letter) => (at, value) => {
      const { size, packed } = letter === 'A' ? a : b;
      if (packed) return `tile${letter}[${at}] = ${value};`;
      const scaled = `${value} * scale${letter}`;
      if (!split) return `tile${letter}[${at}] = quadOf(${scaled});`;
      const low = `tile${letter}[${at} + ${size}u]`;
      return `{ let v = ${scaled}; let high = quadOf(v); tile${letter}[${at}] = high; ${low} = quadOf(restOf(v, high)); }`;
    },
    multiply: (fromA, fromB) =>
      [
        `let fromA = ${fromA};`,
        `let fromB = ${fromB};`,
        ...range(tile.depth / FRAGMENT).flatMap((step) => [
          ...loads('A', a, 'ownRow', rows, step * FRAGMENT),
          ...loads('B', b, 'ownColumn', columns, step * FRAGMENT),
          ...products(step * FRAGMENT),
        ]),
      ].join('\n'),
    store: [
      ...all.map(({ name }) => `${name} = ${fragments.scale(fragments.scale(name, 'back.x'), 'back.y')};`),
      ...(direct
        ? [
            `if (firstRow + ${tile.rows}u <= extent.x && firstColumn + ${tile.columns}u <= uniforms.columns) {`,
            ...whole,
            '} else {',
            ...throughScratch,
            '}',
          ]
        : throughScratch),
    ].join('\n'),
  };
}
