// The text of a product's shader: stage a step of both operands, multiply, on to the next step; then store.
import { units } from './fragments.ts';
import type { InnerProduct } from './inner-product.ts';
import { matrixProduct } from './matrix-product.ts';
import { fetchCode, type Letter, type Operand } from './operand.ts';
import { epilogueCode, putCode } from './output.ts';
import { DIVIDED } from './patches.ts';
import { LEAVE_BOUND, scaleCode } from './scale-code.ts';
import type { ShaderOptions } from './shader.ts';
import { stagingOf } from './staging.ts';
import { threadsProduct } from './threads-product.ts';
import { isMatrix, layoutOf, threadsOf } from './tile.ts';
import { BAND } from './tuning.ts';

/** `fn extentOf(batch: u32) -> vec2u`: rows and inner size of a matrix of the batch. */
const SAME_EXTENT = 'fn extentOf(matrix: u32) -> vec2u { return vec2u(uniforms.rows, uniforms.inner); }';

function innerProductOf(options: ShaderOptions): InnerProduct {
  const { tier, tile, matrixUnits, a, b, output, epilogue, split, wide, large, whole } = options;
  const layout = (letter: Letter, operand: Operand) => {
    const { contiguous, packed = false } = operand;
    return { ...layoutOf(tier, tile, letter, operand), contiguous, packed };
  };
  const both = { tile, a: layout('A', a), b: layout('B', b) };
  if (!isMatrix(tier)) return threadsProduct(both, tier === 'subgroups');
  const direct = large && wide && output.dense && !epilogue;
  return matrixProduct(both, { fragments: units[tier]!, ...matrixUnits, split, wide, direct, whole });
}

/** Declarations and `main`. */
export function codeOf(options: ShaderOptions): string {
  const { tier, tile, matrixUnits, a, b, output, extent, epilogue, wide, whole, leaves } = options;
  const threads = threadsOf(tier, tile, matrixUnits);
  const product = innerProductOf(options);
  const [stagedA, stagedB] = [
    stagingOf('A', a, tier, tile, matrixUnits, product.stored('A')),
    stagingOf('B', b, tier, tile, matrixUnits, product.stored('B')),
  ];
  const buffer = tile.buffers === 1 ? '0u' : 'buffer';
  return /* wgsl */ `
var<private> slice: u32;
var<private> batch: u32;
var<private> rows: u32;
var<private> inner: u32;
fn isRow(i: u32) -> bool { return ${whole ? 'true' : 'i < rows'}; }
fn isColumn(i: u32) -> bool { return ${whole ? 'true' : 'i < uniforms.columns'}; }
fn isInner(k: u32) -> bool { return ${whole ? 'true' : 'k < inner'}; }
${DIVIDED}
${extent?.code ?? SAME_EXTENT}
${a.code}${fetchCode('A', a)}
${b.code}${fetchCode('B', b)}
${output.code}
${epilogueCode(epilogue)}
${putCode(wide)}
${product.declarations}
${isMatrix(tier) ? scaleCode(threads, ['A', 'B']) : ''}

fn tileAt(index: u32) -> vec2u {
  let band = index / (${BAND}u * uniforms.tileRows);
  let inBand = index - band * ${BAND}u * uniforms.tileRows;
  let width = min(${BAND}u, uniforms.tileColumns - band * ${BAND}u);
  return vec2u(inBand / width, band * ${BAND}u + inBand % width);
}

${product.attributes}@compute @workgroup_size(${threads})
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
  // Steps are \`stride\` apart; beyond the end they go on, one step further, from the beginning.
  let lap = (extent.y + uniforms.stride - 1u) / uniforms.stride;
  let firstLap = start / ${tile.depth}u / max(lap, 1u);
  var k = (start / ${tile.depth}u - firstLap * lap) * uniforms.stride + firstLap * ${tile.depth}u;
  ${stagedA.setup}
  ${stagedB.setup}
  // Under way while the scales are looked up. Beyond the end there are zeros.
  ${stagedA.fetch('k')}
  ${stagedB.fetch('k')}
  ${isMatrix(tier) ? 'let shifts = shiftsOf(thread); let scaleA = powerOf(shifts.x); let scaleB = powerOf(shifts.y); let back = backOf(shifts);' : ''}
  ${leaves ? LEAVE_BOUND : ''}
  ${product.accumulators}
  if (start < end) {
    ${stagedA.commit('0u')}
    ${stagedB.commit('0u')}
    workgroupBarrier();
    var done = start;
    var buffer = 0u;
    loop {
      done += ${tile.depth}u;
      let more = done < end;
      k += uniforms.stride;
      k = select(k, k + ${tile.depth}u - lap * uniforms.stride, k >= extent.y);
      if (more) {
        ${stagedA.fetch('k')}
        ${stagedB.fetch('k')}
      }
      ${product.multiply(buffer)}
      if (!more) { break; }
      ${tile.buffers === 1 ? 'workgroupBarrier();' : 'buffer = 1u - buffer;'}
      ${stagedA.commit(buffer)}
      ${stagedB.commit(buffer)}
      workgroupBarrier();
    }
  }
  ${product.store}
}`;
}
