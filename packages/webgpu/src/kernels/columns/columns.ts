// How an array (outer, rows, columns) that lies in memory as it is written is dealt out to the threads of kernels that do the
// same to every column: neighbours in memory to neighbouring threads, four numbers to a thread where that comes out even.
import type { Backend } from '../../gpu/backend.ts';
import { gridOf } from '../../gpu/grid.ts';

/** Threads of a workgroup. */
export const THREADS = 256;

/** To be tuned on the chip. */
export const COLUMN_TUNING = {
  /** Threads beside each other along the columns; the others of a workgroup take further rows. */
  lanes: 32,
  /** Workgroups that a sum over many rows is spread over. */
  workgroups: 512,
  /** Rows of a thread below which it is not worth a further workgroup. */
  leastRows: 4,
  /** The same where further workgroups take a further dispatch. */
  leastRowsAlone: 32,
  /** Rows of a thread in kernels that write as much as they read. */
  mappedRows: 8,
  /** Rows that a thread fetches before it uses the first. */
  unroll: 4,
};

export interface Columns {
  outer: number;
  rows: number;
  columns: number;
  /** Numbers that a thread takes at once. */
  width: 1 | 4;
  /** A power of two. */
  lanes: number;
}

export function columnsOf(outer: number, rows: number, columns: number): Columns {
  const width = columns % 4 === 0 ? 4 : 1;
  const groups = columns / width;
  const most = COLUMN_TUNING.lanes;
  // Where rows are too few to keep a workgroup busy, one takes several of the outer arrays.
  const wanted = rows < THREADS / most ? outer * groups : groups;
  let lanes = 1;
  while (lanes < most && lanes < wanted) lanes *= 2;
  return { outer, rows, columns, width, lanes };
}

/** Rows of one workgroup, and how many workgroups share them. */
export interface Chunks {
  chunk: number;
  chunks: number;
}

/** For sums: as many workgroups as keep the chip busy. */
export function chunksToSum(columns: Columns, leastRows = COLUMN_TUNING.leastRows): Chunks {
  const { workgroups } = COLUMN_TUNING;
  const chunks = Math.min(
    Math.ceil(workgroups / tilesOf(columns)),
    Math.ceil(columns.rows / stepOf(columns) / leastRows),
  );
  return chunksOf(columns, Math.max(1, chunks));
}

/** For maps: every workgroup has the same few rows. */
export function chunksToMap(columns: Columns): Chunks {
  return chunksOf(columns, Math.ceil(columns.rows / (stepOf(columns) * COLUMN_TUNING.mappedRows)));
}

function chunksOf({ rows }: Columns, wanted: number): Chunks {
  const chunk = Math.ceil(rows / wanted);
  return { chunk, chunks: Math.ceil(rows / chunk) };
}

/** Rows that a workgroup takes at once. */
const stepOf = ({ lanes }: Columns) => THREADS / lanes;

/** Workgroups beside each other along the columns of all outer arrays. */
const tilesOf = ({ outer, columns, width, lanes }: Columns) => Math.ceil((outer * columns) / width / lanes);

/** Tells apart the programs that {@link placeCode} makes different. */
export const columnsVariant = ({ width, lanes }: Columns) => `${width}x${lanes}`;

/** Element of the arrays. */
export const elementOf = ({ width }: Columns) => (width === 4 ? 'vec4f' : 'f32');

export const PLACE_UNIFORMS = {
  rows: 'u32',
  groups: 'u32',
  outer: 'u32',
  tiles: 'u32',
  chunk: 'u32',
  chunks: 'u32',
} as const;

export function placeUniforms(columns: Columns, { chunk, chunks }: Chunks) {
  const { outer, rows, width } = columns;
  return { rows, groups: columns.columns / width, outer, tiles: tilesOf(columns), chunk, chunks };
}

export function placeGrid(backend: Backend, columns: Columns, { chunks }: Chunks) {
  return gridOf(backend, tilesOf(columns) * chunks);
}

/**
 * Declares `Value`, what a thread takes at once, and `Place`: its array, its columns and its rows, `first`, `first + STEP` ...
 * below `end`; there are none where the thread is beyond the arrays.
 */
export function placeCode(columns: Columns): string {
  return /* wgsl */ `
    alias Value = ${elementOf(columns)};
    const LANES = ${columns.lanes}u;
    const STEP = ${stepOf(columns)}u;
    struct Place { outer: u32, group: u32, chunk: u32, rowLane: u32, first: u32, end: u32, inside: bool }
    fn placeOf(workgroup: vec3u, workgroups: vec3u, thread: u32) -> Place {
      let number = workgroup.x + workgroup.y * workgroups.x;
      let column = (number % uniforms.tiles) * LANES + thread % LANES;
      let chunk = number / uniforms.tiles;
      let rowLane = thread / LANES;
      let inside = column < uniforms.outer * uniforms.groups && chunk < uniforms.chunks;
      let end = select(0u, min((chunk + 1u) * uniforms.chunk, uniforms.rows), inside);
      let outer = column / uniforms.groups;
      return Place(outer, column % uniforms.groups, chunk, rowLane, chunk * uniforms.chunk + rowLane, end, inside);
    }
    fn at(place: Place, row: u32) -> u32 {
      return (place.outer * uniforms.rows + row) * uniforms.groups + place.group;
    }`;
}

/** The signature and the first line of `main`. */
export const MAIN = /* wgsl */ `
    @compute @workgroup_size(${THREADS})
    fn main(
      @builtin(workgroup_id) workgroup: vec3u,
      @builtin(num_workgroups) workgroups: vec3u,
      @builtin(local_invocation_index) thread: u32,
    ) {
      let place = placeOf(workgroup, workgroups, thread);`;

/**
 * A loop over the rows of `place`. `fetch(i)` declares what is read at index `at<i>`, `use(i)` uses it: several rows are
 * fetched before the first is used, so that their ways to memory overlap.
 */
export function forRows(fetch: (i: number) => string, use: (i: number) => string): string {
  const { unroll } = COLUMN_TUNING;
  const all = Array.from({ length: unroll }, (_, i) => i);
  const fetched = (i: number) => `let at${i} = at(place, row + ${i}u * STEP); ${fetch(i)}`;
  return /* wgsl */ `
      var row = place.first;
      for (; row + ${unroll - 1}u * STEP < place.end; row += ${unroll}u * STEP) {
        ${all.map(fetched).join('\n        ')}
        ${all.map(use).join('\n        ')}
      }
      for (; row < place.end; row += STEP) {
        ${fetched(0)}
        ${use(0)}
      }`;
}

/** Adds up `names`, arrays of THREADS values in workgroup memory, over the rows of a workgroup; always in the same order. */
export function addRows(names: readonly string[]): string {
  return /* wgsl */ `
      for (var half = STEP / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (place.rowLane < half) {
          let other = thread + half * LANES;
          ${names.map((name) => `${name}[thread] += ${name}[other];`).join('\n          ')}
        }
      }`;
}
