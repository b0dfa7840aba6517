// One process at a time in a folder. A process that is gone, however it went, holds nothing.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { CheckpointError } from '../errors.ts';
import { SCRATCH } from './files.ts';

/** Ends as scratch files do, because it is no part of a run. */
const NAME = `.lock${SCRATCH}`;

interface Holder {
  pid: number;
  host: string;
  /** When it began, where the system tells: numbers of processes come again, after a restart of a machine above all. */
  born?: string | undefined;
}

const held = new Set<string>();
let listening = false;

/** Takes the folder for this process until it ends; refused while another one on this machine has it. */
export function lockFolder(folder: string): void {
  const path = join(folder, NAME);
  if (held.has(path)) return;
  mkdirSync(folder, { recursive: true });
  while (!take(path)) {
    const holder = livingHolder(path) ?? removeStale(path);
    if (holder) throw new CheckpointError('openRun', `${folder} must not be in use by another process`, holder.pid);
  }
  if (!listening) process.once('exit', unlockAll);
  listening = true;
  held.add(path);
}

/** Gives it back before that. */
export function unlockFolder(folder: string): void {
  const path = join(folder, NAME);
  if (held.delete(path)) rmSync(path, { force: true });
}

/** A link appears whole or not at all, and never over one that is there. */
function take(path: string): boolean {
  const { pid } = process;
  const own = join(dirname(path), `.lock-${pid}${SCRATCH}`);
  const content = JSON.stringify({ pid, host: hostname(), born: birthOf(pid) } satisfies Holder);
  writeFileSync(own, content);
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EEXIST' && takeWithoutLinks(path, content);
  } finally {
    rmSync(own, { force: true });
  }
}

/** For file systems that have no links, such as those of memory cards: the file is empty for a moment. */
function takeWithoutLinks(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** On Linux the moment at which a process began: field 22, the 20th after its name, which may hold anything. */
function birthOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1)!.trim().split(' ')[19];
  } catch {
    return undefined;
  }
}

/** The process elsewhere that has the folder by this file. */
function livingHolder(path: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Holder;
    return isElsewhere(holder) ? holder : undefined;
  } catch {
    return undefined; // just given back
  }
}

/** Moved away first, and looked at there: another process may have found it stale too, and taken the folder since. */
function removeStale(path: string): Holder | undefined {
  const away = join(dirname(path), `.lock-stale-${process.pid}${SCRATCH}`);
  try {
    renameSync(path, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // it was faster
    throw error;
  }
  const holder = livingHolder(away);
  if (holder) renameSync(away, path);
  else rmSync(away, { force: true });
  return holder;
}

/** Of another machine's processes nothing is known; after a restart under another name, they would hold it for ever. */
function isElsewhere({ pid, host, born }: Holder): boolean {
  if (host !== hostname() || pid === process.pid) return false;
  // A system may hide the processes of other users, and then tells of none when it began.
  if (born !== undefined && born !== (birthOf(pid) ?? born)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function unlockAll(): void {
  for (const path of held) rmSync(path, { force: true });
}
