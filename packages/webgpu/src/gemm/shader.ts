// The shader of a product: stage a step of both operands, multiply, on to the next step; then store.
import type { Program, UniformType } from '../gpu/program.ts';
import { units } from './fragments.ts';
import type { InnerProduct } from './inner-product.ts';
import { fetchCode, type Operand, type Part } from './operand.ts';
import { type Epilogue, epilogueCode, type Output, putCode } from './output.ts';
import { DIVIDED } from './patches.ts';
import { SCALES, scaleCode } from './scale-code.ts';
import { stagingOf } from './staging.ts';
import { matrixProduct } from './subgroups-product.ts';
import { threadsProduct } from './threads.ts';
import { isMatrix, layoutOf, nameOf, type Tier, type Tile, threadsOf } from './tile.ts';

/** What a shader is made from; sizes are not in it, they are uniforms. */
export interface ShaderOptions {
  name: string;
  tier: Tier;
  tile: Tile;
  a: Operand;
  b: Operand;
  output: Output;
  /** Rows and inner size of each matrix of the batch, where they differ. See {@link SAME_EXTENT}. */
  extent?: Part;
  epilogue?: Epilogue;
  split: boolean;
  /** Columns come in fours. */
  wide: boolean;
}

/** `fn extentOf(batch: u32) -> vec2u`: rows and inner size of a matrix of the batch. */
const SAME_EXTENT = 'fn extentOf(matrix: u32) -> vec2u { return vec2u(uniforms.rows, uniforms.inner); }';

/** Columns of tiles that workgroups go down together, so that what they read of B stays in the cache. */
const BAND = 16;

export function shaderOf(options: ShaderOptions): Program {
  const { name, tier, tile, a, b, output, extent, epilogue, split, wide } = options;
  const scaled = isMatrix(tier);
  const element = (isVector: boolean) => (isVector ? 'vec4f' : 'f32');
  const parts: Part[] = [a, b, output, ...(extent ? [extent] : [])];
  const types = parts.flatMap(({ uniforms }) =>
    Object.entries(uniforms).map(([key, [type]]): [string, UniformType] => [key, type]),
  );
  return {
    name,
    variant: [
      tier,
      nameOf(tile),
      ...parts.map(({ key }) => key),
      split && 'split',
      wide && 'wide',
      epilogue && `${epilogue.activation} ${!!epilogue.bias}`,
    ]
      .filter(Boolean)
      .join('; '),
    bindings: {
      a: { access: 'read', element: element(a.wide) },
      b: { access: 'read', element: element(b.wide) },
      c: { access: 'read_write', element: element(wide) },
      ...(scaled && { scales: SCALES }),
      ...(epilogue?.bias && { bias: 'read' as const }),
    },
    uniforms: {
      ...{ rows: 'u32', columns: 'u32', inner: 'u32', tileRows: 'u32', tileColumns: 'u32', slices: 'u32' },
      ...{ parts: 'u32', partLength: 'u32' },
      ...(scaled && { scaleA: 'u32', scaleCountA: 'u32', scaleB: 'u32', scaleCountB: 'u32' }),
      ...(epilogue && { alpha: 'f32' }),
      ...Object.fromEntries(types),
    },
    enable: isMatrix(tier) ? units[tier]!.enable : tier === 'subgroups' ? ['subgroups'] : [],
    code: () => codeOf(options),
  };
}

function innerProductOf({ tier, tile, a, b, output, epilogue, split, wide }: ShaderOptions): InnerProduct {
  const layout = (outer: number, { contiguous }: Operand) => ({
    ...layoutOf(tier, outer, tile.depth, contiguous),
    contiguous,
  });
  const both = { tile, a: layout(tile.rows, a), b: layout(tile.columns, b) };
  if (!isMatrix(tier)) return threadsProduct(both, tier === 'subgroups');
  return matrixProduct(both, { fragments: units[tier]!, split, wide, direct: wide && output.dense && !epilogue });
}

function codeOf(options: ShaderOptions): string {
  const { tier, tile, a, b, output, extent, epilogue, split, wide } = options;
  const product = innerProductOf(options);
  const [stagedA, stagedB] = [
    stagingOf('A', a, tier, tile, product.stored('A')),
    stagingOf('B', b, tier, tile, product.stored('B')),
  ];
  const halves = split ? 2 : 1;
  const from = (size: number, buffer: string) => (tile.buffers === 1 ? '0u' : `${buffer} * ${size * halves}u`);
  const [fromA, fromB] = [
    (buffer: string) => from(stagedA.layout.size, buffer),
    (buffer: string) => from(stagedB.layout.size, buffer),
  ];
  return /* wgsl */ `
var<private> slice: u32;
var<private> batch: u32;
var<private> rows: u32;
var<private> inner: u32;
${DIVIDED}
${extent?.code ?? SAME_EXTENT}
${a.code}${fetchCode('A', a)}
${b.code}${fetchCode('B', b)}
${output.code}
${epilogueCode(epilogue)}
${putCode(wide)}
${product.declarations}
${isMatrix(tier) ? scaleCode(threadsOf(tier, tile)) : ''}

fn tileAt(index: u32) -> vec2u {
  let band = index / (${BAND}u * uniforms.tileRows);
  let inBand = index - band * ${BAND}u * uniforms.tileRows;
  let width = min(${BAND}u, uniforms.tileColumns - band * ${BAND}u);
  return vec2u(inBand / width, band * ${BAND}u + inBand % width);
}

${product.attributes}@compute @workgroup_size(${threadsOf(tier, tile)})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u${product.parameters}) {
  ${product.begin}
  let index = group.x + group.y * groups.x;
  let tiles = uniforms.tileRows * uniforms.tileColumns;
  if (index >= tiles * uniforms.slices) { return; }
  let place = index / tiles;
  let matrix = place / uniforms.parts;
  let extent = extentOf(matrix);
  let tile = tileAt(index - place * tiles);
  let firstRow = tile.x * ${tile.rows}u;
  let firstColumn = tile.y * ${tile.columns}u;
  if (firstRow >= extent.x) { return; }
  slice = place;
  batch = matrix;
  rows = extent.x;
  inner = extent.y;
  let start = (place - matrix * uniforms.parts) * uniforms.partLength;
  let end = min(extent.y, start + uniforms.partLength);
  ${isMatrix(tier) ? 'let shifts = shiftsOf(thread); let scaleA = powerOf(shifts.x); let scaleB = powerOf(shifts.y); let back = backOf(shifts);' : ''}
  ${stagedA.setup}
  ${stagedB.setup}
  ${product.accumulators}
  if (start < end) {
    ${stagedA.fetch('start')}
    ${stagedB.fetch('start')}
    ${stagedA.commit('0u')}
    ${stagedB.commit('0u')}
    workgroupBarrier();
    var k = start;
    var buffer = 0u;
    loop {
      let following = k + ${tile.depth}u;
      let more = following < end;
      if (more) {
        ${stagedA.fetch('following')}
        ${stagedB.fetch('following')}
      }
      ${product.multiply(fromA('buffer'), fromB('buffer'))}
      if (!more) { break; }
      ${tile.buffers === 1 ? 'workgroupBarrier();' : 'buffer = 1u - buffer;'}
      ${stagedA.commit(fromA('buffer'))}
      ${stagedB.commit(fromB('buffer'))}
      workgroupBarrier();
      k = following;
    }
  }
  ${product.store}
}`;
}
