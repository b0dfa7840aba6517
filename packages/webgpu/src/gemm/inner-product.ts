// What a tier is to the shader around it.
import type { Staging } from './staging.ts';
import type { Tile } from './tile.ts';

export interface InnerProduct {
  /** Attributes of `main`. */
  attributes: string;
  /** Parameters of `main`, each with a comma before it. */
  parameters: string;
  declarations: string;
  /** Statements at the beginning of `main`. They define `thread`. */
  begin: string;
  /** Statements that declare the accumulators. They read `firstRow` and `firstColumn`. */
  accumulators: string;
  /** The statement that keeps a fetched vec4f at a quad of a tile. */
  stored(letter: 'A' | 'B'): (at: string, value: string) => string;
  /** Statements that multiply the tiles whose first quads are `fromA` and `fromB`. */
  multiply(fromA: string, fromB: string): string;
  /** Statements that put the accumulators into the result. */
  store: string;
}

export interface InnerProductOptions {
  tile: Tile;
  a: Staging['layout'] & { contiguous: 'inner' | 'outer' };
  b: Staging['layout'] & { contiguous: 'inner' | 'outer' };
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
