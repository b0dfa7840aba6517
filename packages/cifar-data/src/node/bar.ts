// Progress: a bar that redraws itself on a terminal, a line for every quarter elsewhere.
import type { Progress } from '../sources/source.ts';

interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

const REDRAW_MS = 50;

export function progressLines(output: Output, now: () => number = () => performance.now()) {
  let phase = '';
  let quarter = -1;
  let drawn = Number.NEGATIVE_INFINITY;
  let open = false;

  function show(progress: Progress): void {
    const { source, bytes, total } = progress;
    const share = total > 0 ? Math.min(1, bytes / total) : 1;
    const key = `${progress.phase} ${source}`;
    if (key !== phase) {
      end();
      phase = key;
      quarter = -1;
      drawn = Number.NEGATIVE_INFINITY;
    }
    if (output.isTTY) {
      if (share < 1 && now() - drawn < REDRAW_MS) return;
      drawn = now();
      open = true;
      output.write(`\r${bar(progress, share, output.columns || 80)}`);
    } else if (Math.floor(share * 4) > quarter) {
      quarter = Math.floor(share * 4);
      output.write(`${progress.phase} (${source}): ${megabytes(bytes)} of ${megabytes(total)} MB\n`);
    }
  }

  /** Leaves the bar where it is and goes on below it. */
  function end(): void {
    if (open) output.write('\n');
    open = false;
  }
  return { show, end };
}

function bar({ phase, source, bytes, total }: Progress, share: number, columns: number): string {
  const words = `${phase} (${source}) `;
  const numbers = ` ${megabytes(bytes)} / ${megabytes(total)} MB`;
  const width = Math.max(5, Math.min(40, columns - words.length - numbers.length - 3));
  const full = Math.round(share * width);
  // A line that the terminal breaks in two is not one that the next can be drawn over.
  return `${words}[${'#'.repeat(full)}${'.'.repeat(width - full)}]${numbers}`.slice(0, columns - 1);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
