// From tensors to workgroup memory: WGSL by which the threads of a workgroup fetch a tile of an operand into registers, and
// write it down as it lay. A thread always fetches at the same place along the contiguous axis.
import type { MatrixUnits } from '../gpu/device.ts';
import type { Place } from './inner-product.ts';
import { FETCHED, type Letter, type Operand, widthOf } from './operand.ts';
import { layoutOf, type Tier, type Tile, threadsOf } from './tile.ts';

export interface Staging {
  /** Statements ahead of the loop over steps. They read `thread`, `firstRow` and `firstColumn`. */
  setup: string;
  /** Statements that fetch the step at `k` into registers. */
  fetch(k: string): string;
  /** Statements that write the registers down in a buffer of the workgroup's tile. */
  commit(buffer: string): string;
}

/** `stored` gives the statement that writes the value `value` down. */
export function stagingOf(
  letter: Letter,
  operand: Operand,
  tier: Tier,
  tile: Tile,
  matrixUnits: MatrixUnits,
  stored: (at: Place, value: string) => string,
): Staging {
  const first = letter === 'A' ? 'firstRow' : 'firstColumn';
  const layout = layoutOf(tier, tile, letter, operand);
  const { strip, stride, unit } = layout;
  const threads = threadsOf(tier, tile, matrixUnits);
  const width = widthOf(operand);
  const units = layout.length / unit;
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
  /** There are more threads than are needed: they fetch the last line once more, since beyond it the tensor may end. */
  const isPast = (i: number) => (i + 1) * apart > layout.lines;
  const lineAt = (i: number, from: string) => {
    const own = `line${letter} + ${i * apart}u`;
    return keep(`line${letter}${i}`, line, `${from} + ${isPast(i) ? `min(${own}, ${layout.lines - 1}u)` : own}`);
  };
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
  const [lineOf, placeOf] = [`line${letter}`, `place${letter}`];
  // Lines that are fetched at a time are within a strip, or are whole strips.
  const areWithin = strip % apart === 0;
  if (outerIsLine && !areWithin && apart % strip !== 0)
    throw new Error(`webgpu: ${apart} lines are not shared evenly by strips of ${strip}`);
  /** Of what a thread fetches first, the strip and the vector. */
  const ownStrip = outerIsLine ? (areWithin ? '0u' : `${lineOf} / ${strip}u`) : `${placeOf} / ${strip}u`;
  const ownVector = outerIsLine
    ? `${areWithin ? lineOf : `${lineOf} % ${strip}u`} * ${stride}u + ${placeOf} / ${unit}u`
    : `${lineOf} * ${stride}u + ${placeOf} % ${strip}u / ${unit}u`;
  const committed = (i: number, buffer: string): Place => {
    const lines = i * apart;
    const strips = outerIsLine ? Math.floor(lines / strip) : 0;
    const rest = lines - strips * strip;
    return { buffer, strip: `strip${letter} + ${strips}u`, vector: `vector${letter} + ${rest * stride}u` };
  };
  return {
    setup: [
      `let ${lineOf} = thread / ${units}u;`,
      `let ${placeOf} = (thread % ${units}u) * ${unit}u;`,
      `let strip${letter} = ${ownStrip};`,
      `let vector${letter} = ${ownVector};`,
      ...each.map((i) => `var next${letter}${i}: ${width === 1 ? 'vec4f' : FETCHED[width]};`),
      ...(outerIsLine ? lines(first) : alongs(first)),
    ].join('\n'),
    fetch: (k) => ['{', ...(outerIsLine ? alongs(k) : lines(k)), ...each.map(fetched), '}'].join('\n'),
    commit: (buffer) =>
      each
        .map((i) => {
          const store = stored(committed(i, buffer), `next${letter}${i}`);
          return isPast(i) ? `if (line${letter} + ${i * apart}u < ${layout.lines}u) { ${store} }` : store;
        })
        .join('\n'),
  };
}
