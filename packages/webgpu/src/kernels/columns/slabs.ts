import { util } from '@tensorflow/tfjs-core';

/** Sizes of an array seen as (outer, rows, columns), where a reduction takes its rows together. */
export interface Slabs {
  outer: number;
  rows: number;
  columns: number;
  /** The reduced axes, from first to last. */
  axes: number[];
}

/** For a reduction over axes beside each other; all axes where none are named. */
export function slabsOf(shape: number[], axis?: number | number[] | null): Slabs | undefined {
  const axes = util.parseAxisParam(axis ?? shape.map((_, i) => i), shape).sort((a, b) => a - b);
  const [first, last] = [axes[0], axes.at(-1)];
  if (first === undefined || last === undefined || last - first !== axes.length - 1) return undefined;
  const size = (start: number, end?: number) => util.sizeFromShape(shape.slice(start, end));
  return { outer: size(0, first), rows: size(first, last + 1), columns: size(last + 1), axes };
}
