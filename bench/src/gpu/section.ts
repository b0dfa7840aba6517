// What a section of the GPU's numbers is: it runs in a process of its own, on a device that was made with or without features.
import type { SampleOptions } from './replay.ts';

export type SectionName =
  | 'limits'
  | 'strided'
  | 'diffstride'
  | 'stock'
  | 'plain'
  | 'convolutions'
  | 'layer'
  | 'train-ops'
  | 'products'
  | 'products-split'
  | 'profile';

/** The peer's figures that a row can be held against. */
export type PeerName = 'strided' | 'diffstride';

export interface Row {
  what: string;
  /** A median, or a count. */
  value: number;
  unit: 'ms' | 'TFLOP/s' | 'GB/s' | 'GB' | 'MB' | '';
  /** The same of stock TF.js, in the same process. */
  stock?: number;
  peer?: PeerName;
  /** What is asked for, in words. */
  asked?: string;
}

export interface SectionRequest {
  name: SectionName;
  tiny: boolean;
  /** Of convolutions and products, those whose name has this; empty for all. */
  only: string;
}

export interface SectionResult {
  /** GPU and driver, in words. */
  device: string;
  rows: Row[];
  /** For people, printed as they are. */
  lines: string[];
  /** What this revision does not have. */
  absent: string[];
  seconds: number;
}

export interface Context extends Omit<SectionRequest, 'name'> {
  row(row: Row): void;
  line(line: string): void;
  absent(what: string): void;
}

export interface Section {
  name: SectionName;
  /** Features that its device is asked for. */
  features: 'all' | 'none';
  /** Runs only where it is named: it takes minutes. */
  long?: true;
  run(context: Context): Promise<void>;
}

/** How long a piece of work is timed, so that the clock's grain does not show. */
export const samplesOf = ({ tiny }: Context): SampleOptions =>
  tiny ? { rounds: 1, atLeast: 0 } : { rounds: 5, atLeast: 20 };
