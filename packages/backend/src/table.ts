// The doctor's findings as text for a terminal.
import type { BackendReport } from './types.ts';

const HEAD = ['backend', 'ready', 'device, or why not'] as const;

/** One row a backend, with the mend of one that is not ready below it. */
export function table(reports: readonly BackendReport[]): string {
  const rows = reports.flatMap(rowsOf);
  const widths = [0, 1].map((column) => Math.max(...[HEAD, ...rows].map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = [...widths, HEAD[2].length].map((width) => '-'.repeat(width));
  return [HEAD, rule, ...rows].map(line).join('\n');
}

function rowsOf({ name, ready, device, reason, mend }: BackendReport): string[][] {
  if (ready) return [[name, 'yes', device!]];
  return [[name, 'no', reason!], ...(mend ? [['', '', `mend: ${mend}`]] : [])];
}
