// From tensors to workgroup memory: WGSL by which the threads of a workgroup fetch a tile of an operand into registers, and
// write it down as it lay. A thread always fetches at the same place along the contiguous axis.
import type { MatrixUnits } from '../gpu/device.ts';
import { FETCHED, type Letter, type Operand, widthOf } from './operand.ts';
import { type Layout, layoutOf, type Tier, type Tile, threadsOf } from './tile.ts';

export interface Staging {
  layout: Layout;
  /** Statements ahead of the loop over steps. They read `thread`, `firstRow` and `firstColumn`. */
  setup: string;
  /** Statements that fetch the step at `k` into registers. */
  fetch(k: string): string;
  /** Statements that write the registers down from vector `at` of the workgroup's tile on. */
  commit(at: string): string;
}

/** `stored` gives the statement that writes the value `value` at vector `at`. */
export function stagingOf(
  letter: Letter,
  operand: Operand,
  tier: Tier,
  tile: Tile,
  matrixUnits: MatrixUnits,
  stored: (at: string, value: string) => string,
): Staging {
  const outer = letter === 'A' ? tile.rows : tile.columns;
  const first = letter === 'A' ? 'firstRow' : 'firstColumn';
  const layout = layoutOf(tier, outer, tile.depth, operand);
  const threads = threadsOf(tier, tile, matrixUnits);
  const width = widthOf(operand);
  const units = layout.length / layout.unit;
  const apart = threads / units; // lines that all threads fetch at a time
  if (!Number.isInteger(apart))
    throw new Error(`webgpu: a line of ${layout.length} is not shared evenly by ${threads} threads`);
  const passes = Math.ceil(layout.lines / apart);
  const each = Array.from({ length: passes }, (_, i) => i);
  const fetches = width === 1 ? [0, 1, 2, 3] : [0];
  const [line, along] = operand.contiguous === 'inner' ? ['outer', 'inner'] : ['inner', 'outer'];
  const outerIsLine = line === 'outer';
  /** Calls such as `outerA(i)`, kept under a name. */
  const keep = (name: string, axis: string, index: string) => `let ${name} = ${axis}${letter}(${index});`;
  const lineAt = (i: number, from: string) =>
    keep(`line${letter}${i}`, line, `${from} + line${letter} + ${i * apart}u`);
  const alongAt = (j: number, from: string) => keep(`along${letter}${j}`, along, `${from} + place${letter} + ${j}u`);
  const lines = (from: string) => each.map((i) => lineAt(i, from));
  const alongs = (from: string) => fetches.map((j) => alongAt(j, from));
  const fetched = (i: number) => {
    const parts = fetches.map((j) => {
      const [l, p] = [`line${letter}${i}`, `along${letter}${j}`];
      return `fetch${letter}(${outerIsLine ? l : p}, ${outerIsLine ? p : l})`;
    });
    return `next${letter}${i} = ${width === 1 ? `vec4f(${parts.join(', ')})` : parts[0]};`;
  };
  return {
    layout,
    setup: [
      `let line${letter} = thread / ${units}u;`,
      `let place${letter} = (thread % ${units}u) * ${layout.unit}u;`,
      ...each.map((i) => `var next${letter}${i}: ${width === 1 ? 'vec4f' : FETCHED[width]};`),
      ...(outerIsLine ? lines(first) : alongs(first)),
    ].join('\n'),
    fetch: (k) => ['{', ...(outerIsLine ? alongs(k) : lines(k)), ...each.map(fetched), '}'].join('\n'),
    commit: (at) =>
      each
        .map((i) => {
          const place = `(line${letter} + ${i * apart}u) * ${layout.stride}u + place${letter} / ${layout.unit}u`;
          const store = stored(`${at} + ${place}`, `next${letter}${i}`);
          // More threads than are needed have fetched what nobody wants.
          const isPast = (i + 1) * apart > layout.lines;
          return isPast ? `if (line${letter} + ${i * apart}u < ${layout.lines}u) { ${store} }` : store;
        })
        .join('\n'),
  };
}
