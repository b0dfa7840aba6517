// A line that the next one overwrites on a terminal; elsewhere, such as in a log, a line from time to time.

export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface StatusLine {
  show(line: string): void;
  /** Makes room for a line that stays. */
  clear(): void;
}

const REDRAW_MS = 50;
const LOG_MS = 20_000;

export function statusLine(output: Output, now: () => number = () => performance.now()): StatusLine {
  let last = output.isTTY ? Number.NEGATIVE_INFINITY : now();
  let open = false;
  return {
    show(line) {
      if (now() - last < (output.isTTY ? REDRAW_MS : LOG_MS)) return;
      last = now();
      open = Boolean(output.isTTY);
      output.write(output.isTTY ? `\r\x1b[K${line.slice(0, (output.columns || 80) - 1)}` : `${line}\n`);
    },
    clear() {
      if (open) output.write('\r\x1b[K');
      open = false;
    },
  };
}
