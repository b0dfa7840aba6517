// From tensors to workgroup memory: WGSL by which the threads of a workgroup fetch a tile of an operand into registers, and
// write it down as it lay. A thread always fetches at the same place along the contiguous axis.
import type { Letter, Operand } from './operand.ts';
import { type Layout, layoutOf, type Tier, type Tile, threadsOf } from './tile.ts';

export interface Staging {
  layout: Layout;
  /** Statements ahead of the loop over steps. They read `thread`, `firstRow` and `firstColumn`. */
  setup: string;
  /** Statements that fetch the step at `k` into registers. */
  fetch(k: string): string;
  /** Statements that write the registers down from quad `at` of the workgroup's tile on. */
  commit(at: string): string;
}

/** `stored` gives the statement that writes the value `value` at quad `at`. */
export function stagingOf(
  letter: Letter,
  operand: Operand,
  tier: Tier,
  tile: Tile,
  stored: (at: string, value: string) => string,
): Staging {
  const outer = letter === 'A' ? tile.rows : tile.columns;
  const first = letter === 'A' ? 'firstRow' : 'firstColumn';
  const layout = layoutOf(tier, outer, tile.depth, operand.contiguous);
  const threads = threadsOf(tier, tile);
  const quads = layout.length / 4;
  const apart = threads / quads; // lines that all threads fetch at a time
  if (!Number.isInteger(apart))
    throw new Error(`webgpu: a line of ${layout.length} is not shared evenly by ${threads} threads`);
  const passes = Math.ceil(layout.lines / apart);
  const each = Array.from({ length: passes }, (_, i) => i);
  const four = operand.wide ? [0] : [0, 1, 2, 3];
  const [line, along] = operand.contiguous === 'inner' ? ['outer', 'inner'] : ['inner', 'outer'];
  const outerIsLine = line === 'outer';
  /** Calls such as `outerA(i)`, kept under a name. */
  const keep = (name: string, axis: string, index: string) => `let ${name} = ${axis}${letter}(${index});`;
  const lineAt = (i: number, from: string) =>
    keep(`line${letter}${i}`, line, `${from} + line${letter} + ${i * apart}u`);
  const alongAt = (j: number, from: string) => keep(`along${letter}${j}`, along, `${from} + place${letter} + ${j}u`);
  const lines = (from: string) => each.map((i) => lineAt(i, from));
  const alongs = (from: string) => four.map((j) => alongAt(j, from));
  const fetched = (i: number) => {
    const parts = four.map((j) => {
      const [l, p] = [`line${letter}${i}`, `along${letter}${j}`];
      return `fetch${letter}(${outerIsLine ? l : p}, ${outerIsLine ? p : l})`;
    });
    return `next${letter}${i} = ${operand.wide ? parts[0] : `vec4f(${parts.join(', ')})`};`;
  };
  return {
    layout,
    setup: [
      `let line${letter} = thread / ${quads}u;`,
      `let place${letter} = (thread % ${quads}u) * 4u;`,
      ...each.map((i) => `var next${letter}${i}: vec4f;`),
      ...(outerIsLine ? lines(first) : alongs(first)),
    ].join('\n'),
    fetch: (k) => ['{', ...(outerIsLine ? alongs(k) : lines(k)), ...each.map(fetched), '}'].join('\n'),
    commit: (at) =>
      each
        .map((i) => {
          const place = `(line${letter} + ${i * apart}u) * ${layout.stride}u + place${letter} / 4u`;
          const store = stored(`${at} + ${place}`, `next${letter}${i}`);
          // More threads than are needed have fetched what nobody wants.
          const isPast = (i + 1) * apart > layout.lines;
          return isPast ? `if (line${letter} + ${i * apart}u < ${layout.lines}u) { ${store} }` : store;
        })
        .join('\n'),
  };
}
