// How a product is cut: workgroups make tiles of the result, in steps along the inner axis.
import type { MatrixUnits } from '../gpu/device.ts';
import type { Operand } from './operand.ts';
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

/** A tile of an operand in workgroup memory: lines along its contiguous axis. */
export interface Layout {
  lines: number;
  /** Elements of a line. */
  length: number;
  /** Elements that lie together in one vector of the tile: eight of a packed operand, else a quad. */
  unit: 4 | 8;
  /** Vectors from a line to the next: one access of 16 bytes more than a line, so that lines start in different banks. */
  stride: number;
  /** Vectors of a tile. */
  size: number;
}

export function layoutOf(
  tier: Tier,
  outer: number,
  depth: number,
  { contiguous, packed }: Pick<Operand, 'contiguous' | 'packed'>,
): Layout {
  const [lines, length] = contiguous === 'inner' ? [outer, depth] : [depth, outer];
  const unit = packed ? 8 : 4;
  const stride = length / unit + (isMatrix(tier) && !packed ? 2 : 1);
  return { lines, length, unit, stride, size: lines * stride };
}

export interface TileOperands {
  a: Operand['contiguous'];
  b: Operand['contiguous'];
  /** Each number is a high and a low part. */
  split: boolean;
}

/** Workgroup memory of a shader, the same for packed operands. */
export function bytesOf(tier: Tier, tile: Tile, { a, b, split }: TileOperands, units: MatrixUnits): number {
  const quadsOf = (outer: number, contiguous: Operand['contiguous']) =>
    layoutOf(tier, outer, tile.depth, { contiguous }).size;
  const quads = quadsOf(tile.rows, a) + quadsOf(tile.columns, b);
  if (!isMatrix(tier)) return quads * tile.buffers * 16;
  return quads * tile.buffers * (split ? 2 : 1) * 8 + scratchOf(tile, units) * 16;
}
