// Files that are whole or not there, whatever happens while they are written.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Ends the names of files that are being written; what is left of them after a crash is waste. */
export const SCRATCH = '.part';

/** Removes what killed processes left in a folder that this one alone writes to. */
export function removeScratch(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names.filter((each) => /-\d+\.part(-before)?$/.test(each))) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Writes a file beside its place, brings it to the disk, and only then gives it its name. */
export function writeAtomically(path: string, chunks: readonly (Uint8Array | string)[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const scratch = `${path}-${process.pid}${SCRATCH}`;
  const file = openSync(scratch, 'w');
  try {
    for (const chunk of chunks) writeAll(file, typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    fsyncSync(file);
  } catch (error) {
    closeSync(file);
    rmSync(scratch, { force: true });
    // Of a file that is open the system does not say which it is.
    if (error instanceof Error) error.message += ` '${path}'`;
    throw error;
  }
  closeSync(file);
  renameSync(scratch, path);
  syncFolder(dirname(path));
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
}

/** Brings the names in a folder to the disk, where the system has a way to. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
