// What both commands do around their work: flags, backend, Ctrl-C, and words for what went wrong.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs'; // brings every operation's gradient
import type { CifarData } from '@stridelab/cifar-data';
import { onInterrupt } from '@stridelab/trainer/node';
import { DATASETS, loadData } from './data.ts';
import { CommandError } from './errors.ts';
import { type Flags, type FlagTable, parseFlags } from './flags.ts';
import { buildNetwork } from './network.ts';
import { type Opened, openFor } from './open.ts';
import { backendWishes, type Places, placesOf, type Settings } from './settings.ts';
import { type Output, type StatusLine, statusLine } from './status-line.ts';
import { refuseSwallowed } from './swallowed.ts';

export interface Terminal {
  /** Takes a line that stays. */
  out(line: string): void;
  /** For what is overwritten, and for what went wrong. */
  err: Output;
}

export const TERMINAL: Terminal = { out: (line) => console.log(line), err: process.stderr };

export interface Session {
  backend: Opened;
  places: Places;
  status: StatusLine;
  signal: AbortSignal;
  out(line: string): void;
}

export interface Work<Given extends Flags> {
  /** Refuses flags that cannot be followed, before anything is opened. */
  check(flags: Given): void;
  work(flags: Given, session: Session): Promise<'done' | 'interrupted'>;
}

/** Exit code of a command: 0 done, 1 failed, 2 called wrongly, 130 interrupted. */
export async function command<Given extends Flags>(
  args: readonly string[],
  { table, help }: { table: FlagTable; help: string },
  terminal: Terminal,
  { check, work }: Work<Given>,
): Promise<number> {
  const { out, err } = terminal;
  try {
    refuseSwallowed(table, process.env);
    const flags = parseFlags(args, table) as Given;
    if (flags.help) {
      out(help);
      return 0;
    }
    check(flags);
    return await inSession(flags, terminal, work);
  } catch (error) {
    err.write(`${describe(error)}\n`);
    if (error instanceof CommandError) err.write('--help lists every flag.\n');
    return error instanceof CommandError ? 2 : 1;
  }
}

async function inSession<Given extends Flags>(
  flags: Given,
  { out, err }: Terminal,
  work: Work<Given>['work'],
): Promise<number> {
  const wishes = backendWishes(flags);
  const temporary = flags.smoke && !flags.runs ? { runs: mkdtempSync(join(tmpdir(), 'stridelab-')) } : {};
  const places = placesOf({ ...flags, ...temporary });
  const status = statusLine(err);
  const interruption = onInterrupt(() => {
    status.clear();
    out('Interrupted: finishes the batch and saves. Once more ends it at once.');
  });
  const { signal } = interruption;
  const backend = await openFor(wishes, out);
  try {
    out(`Backend: ${backend.name}, ${backend.device}`);
    const end = await work(flags, { backend, places, status, signal, out });
    if (end === 'interrupted') out('Saved. The same command goes on from here.');
    return end === 'interrupted' ? (interruption.exitCode ?? 130) : 0;
  } catch (error) {
    // Loading and testing end with an error where they are interrupted.
    if (interruption.exitCode === undefined || !signal.aborted) throw error;
    out('The same command goes on from here.');
    return interruption.exitCode;
  } finally {
    status.clear();
    interruption.dispose();
    await backend.dispose();
  }
}

/** What a person needs: a rule that was broken speaks for itself, and so does a full disk or a folder that is not theirs. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const saysAll = ('rule' in error && 'got' in error) || 'syscall' in error;
  return saysAll ? error.message : (error.stack ?? error.message);
}

/** The network of a run, freshly initialized. */
export function networkOf({ network, dataset, seed }: Settings) {
  return buildNetwork(network, { ...DATASETS[dataset], seed });
}

export function dataFor(settings: Settings, { places, status, signal }: Session): Promise<CifarData> {
  return loadData(settings, places, status, signal);
}
