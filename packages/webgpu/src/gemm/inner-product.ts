// What a tier is to the shader around it.
import type { Operand } from './operand.ts';
import type { Layout, Tile } from './tile.ts';

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
  /** The statement that keeps what was fetched at a place of a tile. */
  stored(letter: 'A' | 'B'): (at: Place, value: string) => string;
  /** Statements that multiply the tiles in a buffer. */
  multiply(buffer: string): string;
  /** Statements that put the accumulators into the result. */
  store: string;
}

/** A vector of a tile in workgroup memory, each by a WGSL expression. */
export interface Place {
  buffer: string;
  strip: string;
  vector: string;
}

export type StagedLayout = Layout & Required<Pick<Operand, 'contiguous' | 'packed'>>;

export interface InnerProductOptions {
  tile: Tile;
  a: StagedLayout;
  b: StagedLayout;
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
