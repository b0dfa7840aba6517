// Ctrl-C that loses nothing.
import { constants } from 'node:os';

export interface Interruption {
  /** For `fit`: aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** 130 after Ctrl-C, 143 after SIGTERM, else undefined. */
  readonly exitCode: number | undefined;
  /** Lets go of the signals. */
  dispose(): void;
}

/**
 * Turns Ctrl-C (SIGINT) and SIGTERM into an abort, so that a training finishes its batch, saves and returns; a second one
 * ends the process on the spot. The program then exits with `exitCode`.
 */
export function onInterrupt(notify: (name: 'SIGINT' | 'SIGTERM') => void = () => {}): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const listen = (name: 'SIGINT' | 'SIGTERM') => {
    const code = 128 + constants.signals[name];
    if (exitCode !== undefined) process.exit(code);
    exitCode = code;
    notify(name);
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, listen);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    dispose() {
      for (const name of SIGNALS) process.off(name, listen);
    },
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
