// How sources are tried, in Node and in a browser alike: in order, each for what is still missing.
import { Assembly, type Sha256 } from '../data/assembly.ts';
import type { BatchFile, Manifest } from '../data/manifest.ts';
import type { CifarData } from '../data/split.ts';
import { type Attempt, CifarDataError } from '../errors.ts';
import { type Inflate, webInflate } from '../formats/inflate.ts';

export interface Progress {
  /** `read`: official files. `download`: an archive. `check`: its checksum. `unpack`: its files. */
  readonly phase: 'read' | 'download' | 'check' | 'unpack';
  readonly source: string;
  readonly bytes: number;
  readonly total: number;
}

/** Somewhere that files may come from. */
export interface Source {
  readonly name: string;
  /** The folder or the address, for people. */
  readonly where: string;
  /** Gives what it has to the assembly. One file that is bad may be reported, so that the others still count. */
  load(context: SourceContext): Promise<void>;
}

export interface SourceContext {
  readonly assembly: Assembly;
  /** Name of the source that is being tried. */
  readonly source: string;
  readonly signal: AbortSignal | undefined;
  readonly inflate: Inflate;
  progress(phase: Progress['phase'], bytes: number, total: number): void;
  report(error: Error): void;
}

/** Stores a verified file for the next time. */
export type Keep = (file: BatchFile, bytes: Uint8Array<ArrayBuffer>) => Promise<void>;

interface Task {
  operation: string;
  manifest: Manifest;
  sources: readonly Source[];
  advice(attempts: readonly Attempt[]): string[];
  onProgress?: ((progress: Progress) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** The platform's own, where they need less memory. */
  sha256?: Sha256;
  inflate?: Inflate;
}

/** Loads a data set, or says what was tried, in order, and how to mend it. */
export async function loadFromSources({ operation, manifest, sources, ...task }: Task): Promise<CifarData> {
  const { signal, onProgress } = task;
  const assembly = new Assembly(manifest, task.sha256);
  const attempts: Attempt[] = [];
  for (const source of sources) {
    if (assembly.missing().length === 0) break;
    signal?.throwIfAborted();
    const before = attempts.length;
    const report = (error: Error) => attempts.push({ source: source.name, where: source.where, error });
    try {
      await source.load({
        assembly,
        source: source.name,
        signal,
        inflate: task.inflate ?? webInflate,
        report,
        progress: (phase, bytes, total) => onProgress?.({ phase, source: source.name, bytes, total }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      report(error instanceof Error ? error : new Error(String(error)));
    }
    const missing = assembly.missing().map(({ name }) => name);
    if (missing.length > 0 && attempts.length === before) report(notFound(missing, 'nothing of them'));
  }
  const missing = assembly.missing().map(({ name }) => name);
  if (missing.length === 0) return assembly.finish(attempts);
  throw new CifarDataError(
    operation,
    'some source must give each file with its official checksum',
    `no ${missing.join(', ')}`,
    {
      code: 'no-source',
      attempts,
      advice: task.advice(attempts),
    },
  );
}

export function notFound(names: readonly string[], got: unknown): CifarDataError {
  return new CifarDataError('load', `the source must hold ${names.join(', ')}`, got, { code: 'not-found' });
}
