// For tests: what matrix units do, by ordinary code. Importing this adds the tier 'emulated', which runs on any device.
import { type Fragments, units } from '../gemm/fragments.ts';
import type { StagedLayout } from '../gemm/inner-product.ts';
import { COMMON_UNITS } from '../gemm/tile.ts';

const { lanes } = COMMON_UNITS;

/** A lane keeps half a row of the result: rows lane / 2, columns 8 * (lane % 2) and on. Operands stay where they are. */
const emulatedUnits: Fragments = {
  enable: [],
  attributes: '',
  parameters: ', @builtin(local_invocation_index) thread: u32',
  begin: `let subgroup = thread / ${lanes}u; let lane = thread % ${lanes}u; privateLane = lane;`,
  quads: /* wgsl */ `
alias Quad = vec2u;
// Not every driver packs infinity.
fn halfOf(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let infinite = (bits & 0x7fffffffu) == 0x7f800000u;
  return select(pack2x16float(vec2f(x, 0.0)), ((bits >> 16u) & 0x8000u) | 0x7c00u, infinite);
}
fn floatOf(h: u32) -> f32 {
  let special = ((h & 0x8000u) << 16u) | 0x7f800000u | ((h & 0x3ffu) << 13u);
  return select(unpack2x16float(h).x, bitcast<f32>(special), (h & 0x7c00u) == 0x7c00u);
}
fn quadOf(v: vec4f) -> Quad { return Quad(halfOf(v.x) | (halfOf(v.y) << 16u), halfOf(v.z) | (halfOf(v.w) << 16u)); }
fn valuesOf(q: Quad) -> vec4f {
  return vec4f(floatOf(q.x & 0xffffu), floatOf(q.x >> 16u), floatOf(q.y & 0xffffu), floatOf(q.y >> 16u));
}`,
  declarations: (side, a, b, wide) => /* wgsl */ `
var<private> privateLane: u32;
struct Result { low: vec4f, high: vec4f }
struct Place { strip: u32, at: u32, stride: u32 }
fn elementA(p: Place, row: u32, k: u32) -> f32 { return ${element('A', a, 'row', 'k')}; }
fn elementB(p: Place, column: u32, k: u32) -> f32 { return ${element('B', b, 'column', 'k')}; }
fn multiplied(a: Place, b: Place, c: Result) -> Result {
  var sum = c;
  let column = (privateLane & 1u) * 8u;
  for (var k = 0u; k < ${side}u; k++) {
    let left = elementA(a, privateLane >> 1u, k);
    for (var i = 0u; i < 4u; i++) {
      sum.low[i] += left * elementB(b, column + i, k);
      sum.high[i] += left * elementB(b, column + 4u + i, k);
    }
  }
  return sum;
}
fn scaled(c: Result, factor: f32) -> Result { return Result(c.low * factor, c.high * factor); }
fn storeInScratch(at: u32, value: Result, stride: u32) {
  let to = at + (privateLane >> 1u) * stride + (privateLane & 1u) * 2u;
  scratch[to] = value.low;
  scratch[to + 1u] = value.high;
}
${
  wide
    ? `fn storeInC(at: u32, value: Result, stride: u32) {
  let to = at + (privateLane >> 1u) * stride + (privateLane & 1u) * 2u;
  c[to] = value.low;
  c[to + 1u] = value.high;
}`
    : ''
}`,
  load: (_letter, _contiguous, strip, at, stride) => `Place(${strip}, ${at}u, ${stride}u)`,
  multiply: (a, b, c) => `multiplied(${a}, ${b}, ${c})`,
  scale: (c, factor) => `scaled(${c}, ${factor})`,
  store: (target, at, value, stride) =>
    `${target === 'c' ? 'storeInC' : 'storeInScratch'}(${at}, ${value}, ${stride});`,
};

/** One element of a tile: of the lines along `contiguous`, the one of the other axis. */
function element(letter: 'A' | 'B', { contiguous, unit }: StagedLayout, outer: string, inner: string): string {
  const [line, place] = contiguous === 'inner' ? [outer, inner] : [inner, outer];
  const pair = `tile${letter}[p.strip][p.at + ${line} * p.stride + ${place} / ${unit}u][${place} % ${unit}u / 2u]`;
  return `floatOf((${pair} >> ((${place} & 1u) * 16u)) & 0xffffu)`;
}

units.emulated = emulatedUnits;
