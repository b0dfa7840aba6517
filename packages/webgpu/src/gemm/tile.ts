// How a product is cut: workgroups make tiles of the result, in steps along the inner axis.
import type { MatrixUnits } from '../gpu/device.ts';
import type { Letter, Operand } from './operand.ts';
import { SCALE_READERS } from './scale-code.ts';

/**
 * What multiplies. 'matrix': the chip's matrix units, on float16 that was scaled to fit, adding in float32. 'subgroups' and
 * 'plain': float32 arithmetic, with operands shared within a subgroup or not. 'emulated': as 'matrix', by ordinary code;
 * for tests where there are no such units.
 */
export type Tier = 'matrix' | 'subgroups' | 'plain' | 'emulated';

export interface Tile {
  rows: number;
  columns: number;
  /** Along the inner axis, of one step. */
  depth: number;
  /** Of one thread, and of one subgroup on matrix units. */
  own: readonly [rows: number, columns: number];
  /** With 2, the next step's operands are written while this step's are read. */
  buffers: 1 | 2;
}

/** The units that tiles are made for, and what is emulated. */
export const COMMON_UNITS: MatrixUnits = { side: 16, lanes: 32 };

export const isMatrix = (tier: Tier): boolean => tier === 'matrix' || tier === 'emulated';

/** Threads of a workgroup. */
export function threadsOf(tier: Tier, { rows, columns, own }: Tile, { lanes }: MatrixUnits): number {
  return (rows / own[0]) * (columns / own[1]) * (isMatrix(tier) ? lanes : 1);
}

/** Quads of the memory through which matrix units hand over their results. Scales are looked up in it before. */
export function scratchOf({ rows, columns, own }: Tile, { side, lanes }: MatrixUnits): number {
  const subgroups = (rows / own[0]) * (columns / own[1]);
  return Math.max((subgroups * side * side) / 4, Math.min(subgroups * lanes, SCALE_READERS));
}

export const nameOf = ({ rows, columns, depth, own, buffers }: Tile): string =>
  `${rows}x${columns}x${depth}/${own.join('x')}${buffers === 2 ? ' twice' : ''}`;

/**
 * A tile of an operand in workgroup memory: lines along its contiguous axis. On matrix units it is cut along its outer axis into
 * strips, one for all that a subgroup multiplies, each an array of its own: so a shader's loads of fragments lie at constants
 * in an array of known length, and no check whether they are within it is added to them.
 */
export interface Layout {
  /** Of the tile. */
  lines: number;
  /** Elements of a line of the tile. */
  length: number;
  /** Elements that lie together in one vector of the tile: eight of a packed operand, else a quad. */
  unit: 4 | 8;
  strips: number;
  /** Of the outer axis, elements that a strip has. */
  strip: number;
  /** Vectors from a line to the next: one access of 16 bytes more than a line, so that lines start in different banks. */
  stride: number;
  /** Vectors of a strip. */
  size: number;
}

export function layoutOf(
  tier: Tier,
  tile: Tile,
  letter: Letter,
  { contiguous, packed }: Pick<Operand, 'contiguous' | 'packed'>,
): Layout {
  const [outer, own] = letter === 'A' ? [tile.rows, tile.own[0]] : [tile.columns, tile.own[1]];
  const strip = isMatrix(tier) ? own : outer;
  const linesOf = (across: number): [lines: number, length: number] =>
    contiguous === 'inner' ? [across, tile.depth] : [tile.depth, across];
  const [lines, length] = linesOf(outer);
  const [stripLines, stripLength] = linesOf(strip);
  const unit = packed ? 8 : 4;
  const stride = stripLength / unit + (isMatrix(tier) && !packed ? 2 : 1);
  return { lines, length, unit, strips: outer / strip, strip, stride, size: stripLines * stride };
}

export interface TileOperands {
  a: Operand['contiguous'];
  b: Operand['contiguous'];
  /** Each number is a high and a low part. */
  split: boolean;
}

/** Workgroup memory of a shader, the same for packed operands. */
export function bytesOf(tier: Tier, tile: Tile, { a, b, split }: TileOperands, units: MatrixUnits): number {
  const quadsOf = (letter: Letter, contiguous: Operand['contiguous']) => {
    const { strips, size } = layoutOf(tier, tile, letter, { contiguous });
    return strips * size;
  };
  const quads = quadsOf('A', a) + quadsOf('B', b);
  if (!isMatrix(tier)) return quads * tile.buffers * 16;
  return quads * tile.buffers * (split ? 2 : 1) * 8 + scratchOf(tile, units) * 16;
}
