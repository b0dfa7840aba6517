// A product of 16 x 16 x 16, or 8 x 8 x 8, held by the threads of a subgroup, on matrix units.
// Tiles hold float16 in vectors of four, or of eight as 16 bytes; addresses and strides count vectors.
import type { MatrixUnits } from '../gpu/device.ts';
import type { StagedLayout } from './inner-product.ts';
import type { Operand } from './operand.ts';
import type { Tier } from './tile.ts';

export type Contiguous = Operand['contiguous'];

export interface Fragments {
  enable: readonly string[];
  attributes: string;
  parameters: string;
  /** Defines `thread`, `subgroup` and `lane`. */
  begin: string;
  /** `Quad`, the bits of four float16; `quadOf(vec4f) -> Quad` and `valuesOf(Quad) -> vec4f`. */
  quads: string;
  /** `Result` and what the expressions below need. */
  declarations(side: MatrixUnits['side'], a: StagedLayout, b: StagedLayout, wide: boolean): string;
  /** Of a strip, by its WGSL expression, from a vector on. */
  load(letter: 'A' | 'B', contiguous: Contiguous, strip: string, at: number, stride: number): string;
  multiply(a: string, b: string, c: string): string;
  scale(c: string, factor: string): string;
  /** Writes a result to quads of 4 floats: of `scratch`, or of the output `c`. */
  store(target: 'scratch' | 'c', at: string, value: string, stride: string): string;
}

/** A lies row by row if its inner axis is contiguous, B if its outer one is. */
const majorOf = (letter: 'A' | 'B', contiguous: Contiguous) =>
  (letter === 'A') === (contiguous === 'inner') ? 'row_major' : 'col_major';

const matrixUnits: Fragments = {
  enable: ['f16', 'subgroups', 'chromium_experimental_subgroup_matrix'],
  // A subgroup's fragments are its own, and its threads are never apart.
  attributes: '@diagnostic(off, chromium.subgroup_matrix_uniformity) ',
  parameters:
    ', @builtin(local_invocation_index) thread: u32, @builtin(subgroup_id) subgroup: u32, @builtin(subgroup_invocation_id) lane: u32',
  begin: '',
  quads: /* wgsl */ `
alias Quad = vec4<f16>;
fn quadOf(v: vec4f) -> Quad { return vec4<f16>(v); }
fn valuesOf(q: Quad) -> vec4f { return vec4f(q); }`,
  declarations: (side) => /* wgsl */ `
alias Left = subgroup_matrix_left<f16, ${side}, ${side}>;
alias Right = subgroup_matrix_right<f16, ${side}, ${side}>;
alias Result = subgroup_matrix_result<f32, ${side}, ${side}>;`,
  load: (letter, contiguous, strip, at, stride) =>
    `subgroupMatrixLoad<${letter === 'A' ? 'Left' : 'Right'}, ${majorOf(letter, contiguous)}>(&tile${letter}[${strip}], ${at}u, ${stride}u)`,
  multiply: (a, b, c) => `subgroupMatrixMultiplyAccumulate(${a}, ${b}, ${c})`,
  scale: (c, factor) => `subgroupMatrixScalarMultiply(${c}, ${factor})`,
  store: (target, at, value, stride) => `subgroupMatrixStore<row_major>(&${target}, ${at}, ${value}, ${stride});`,
};

/** By tier. Tests add the emulation. */
export const units: Partial<Record<Tier, Fragments>> = { matrix: matrixUnits };
