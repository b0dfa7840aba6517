// The inside of the package: a backend as something that can be tried, and the reason where it cannot be had.
import type { Lifetime } from '@stridelab/gpu-device';
import type { DeviceLostError } from './errors.ts';
import type { BackendName, BackendReport, BackendState, Notice, OpenOptions, Precision } from './types.ts';

export interface Engine {
  readonly name: BackendName;
  /** What `open` imports. */
  readonly packages: readonly string[];
  /** Its native code can take the process down or never answer, and so it is tried in a child process first. */
  readonly native?: boolean;
  /** Precisions beside `float32` with which it computes otherwise than with that. Default none: it is float32, and exact. */
  readonly tellsApart?: readonly Precision[];
  open(request: OpenRequest): Promise<Running>;
  /** A report made better by what the native libraries printed in the child process. */
  explain?(report: BackendReport, printed: string): BackendReport;
}

export interface OpenRequest extends Pick<OpenOptions, 'wasmPath' | 'boundsChecks' | 'threads'> {
  precision: Precision;
  lifetime: Lifetime<DeviceLostError>;
  notice(notice: Omit<Notice, 'backend'>): void;
}

export interface Running {
  /** For people, as in `BackendReport`. */
  device: string;
  tfBackend: string;
  /** What it computes in, where it tells several apart. */
  precision?: Precision;
  close(): void | Promise<void>;
}

/** Thrown by `Engine.open`, never by this package's public functions. */
export class Unavailable extends Error {
  override name = 'Unavailable';

  constructor(
    readonly state: BackendState,
    readonly reason: string,
    readonly mend?: string,
  ) {
    super(reason);
  }
}

export function reportOf(name: BackendName, error: unknown): BackendReport {
  if (error instanceof Unavailable) return notReady(name, error.state, error.reason, error.mend);
  return notReady(name, 'failed', firstLine(error));
}

export function notReady(name: BackendName, state: BackendState, reason: string, mend?: string): BackendReport {
  return { name, ready: false, state, reason, ...(mend && { mend }) };
}

export function firstLine(error: unknown): string {
  // TF.js rejects with bare objects, too.
  const { message, name } = Object(error) as Partial<Error>;
  return (message || name || String(error)).trim().split('\n', 1)[0]!;
}
