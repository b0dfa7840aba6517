// The shader of a product.
import type { MatrixUnits } from '../gpu/device.ts';
import type { Program, UniformType } from '../gpu/program.ts';
import { units } from './fragments.ts';
import { FETCHED, type Operand, type Part, widthOf } from './operand.ts';
import type { Epilogue, Output } from './output.ts';
import { SCALES, scaleTypes } from './scale-code.ts';
import { codeOf } from './shader-code.ts';
import { isMatrix, nameOf, type Tier, type Tile } from './tile.ts';

/** What a shader is made from; sizes are not in it, they are uniforms. */
export interface ShaderOptions {
  name: string;
  tier: Tier;
  tile: Tile;
  /** Those of the device. */
  matrixUnits: MatrixUnits;
  a: Operand;
  b: Operand;
  output: Output;
  /** Rows and inner size of each matrix of the batch, where they differ. It declares `fn extentOf(matrix: u32) -> vec2u`. */
  extent?: Part;
  epilogue?: Epilogue;
  split: boolean;
  /** Columns come in fours. */
  wide: boolean;
  /** Large enough for a tile that nothing is cut off. */
  large: boolean;
  /** Rows, columns and every part of the inner axis are whole tiles and steps: nothing is ever fetched beyond them. */
  whole: boolean;
  /** The first workgroup leaves a bound of the result's magnitudes, on matrix units. */
  leaves: boolean;
}

export function shaderOf(options: ShaderOptions): Program {
  const { name, tier, tile, matrixUnits, a, b, output, extent, epilogue, split, wide, large, whole, leaves } = options;
  const scaled = isMatrix(tier);
  const parts: Part[] = [a, b, output, ...(extent ? [extent] : [])];
  const types = parts.flatMap(({ uniforms }) =>
    Object.entries(uniforms).map(([key, [type]]): [string, UniformType] => [key, type]),
  );
  return {
    name,
    variant: [
      tier,
      nameOf(tile),
      scaled && `${matrixUnits.side} by ${matrixUnits.lanes}`,
      ...parts.map(({ key }) => key),
      `${widthOf(a)} ${widthOf(b)}`,
      split && 'split',
      wide && 'wide',
      scaled && large && 'large',
      whole && 'whole',
      leaves && 'leaves',
      epilogue && `${epilogue.activation} ${!!epilogue.bias}`,
    ]
      .filter(Boolean)
      .join('; '),
    bindings: {
      a: { access: 'read', element: FETCHED[widthOf(a)] },
      b: { access: 'read', element: FETCHED[widthOf(b)] },
      c: { access: 'read_write', element: wide ? 'vec4f' : 'f32' },
      ...(scaled && { scales: leaves ? ({ ...SCALES, access: 'read_write' } as const) : SCALES }),
      ...(epilogue?.bias && { bias: 'read' as const }),
    },
    uniforms: {
      ...{ rows: 'u32', columns: 'u32', inner: 'u32', tileRows: 'u32', tileColumns: 'u32', slices: 'u32' },
      ...{ parts: 'u32', partLength: 'u32', stride: 'u32' },
      ...(scaled && scaleTypes(['A', 'B'])),
      ...(leaves && { scaleC: 'u32' }),
      ...(epilogue && { alpha: 'f32' }),
      ...Object.fromEntries(types),
    },
    enable: isMatrix(tier) ? units[tier]!.enable : tier === 'subgroups' ? ['subgroups'] : [],
    code: () => codeOf(options),
  };
}
