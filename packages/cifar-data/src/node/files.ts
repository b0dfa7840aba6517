// Files, behind an interface that tests can make fail. Whatever is written is written beside its name, flushed to the
// disk and renamed, so that a name always stands for a whole file.
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Digest } from '../data/manifest.ts';
import { CifarDataError } from '../errors.ts';

export type FileLayer = Pick<typeof fs, 'open' | 'rename' | 'rm' | 'mkdir' | 'readdir' | 'stat'>;

export const nodeFiles: FileLayer = fs;

const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** A name that no other process on any machine uses, and by which others can see whether its owner still lives. */
export function ownName(path: string): string {
  return `${path}.${host}-${process.pid}-${randomBytes(4).toString('hex')}.part`;
}

/** Whoever is silent for so long is dead, whatever machine it ran on. Far above the patience of a download. */
const SILENCE_MS = 10 * 60_000;

/** Files that processes which have died were writing under `path`. */
export async function orphans(files: FileLayer, path: string): Promise<string[]> {
  const folder = dirname(path);
  const names = await files.readdir(folder).catch(() => []);
  const found: string[] = [];
  for (const name of names) {
    const owner = /^\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.part$/.exec(name.slice(basename(path).length));
    if (!owner || !name.startsWith(basename(path))) continue;
    const stat = await files.stat(join(folder, name)).catch(() => undefined);
    if (!stat) continue;
    const dead = owner[1] === host && Number(owner[2]) !== process.pid && !isAlive(Number(owner[2]));
    if (dead || Date.now() - stat.mtimeMs > SILENCE_MS) found.push(join(folder, name));
  }
  return found;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Writes a whole file or, if anything goes wrong or the process dies, none. */
export async function writeAtomically(files: FileLayer, path: string, bytes: Uint8Array): Promise<void> {
  const part = ownName(path);
  try {
    await files.mkdir(dirname(path), { recursive: true });
    for (const orphan of await orphans(files, path)) await files.rm(orphan, { force: true });
    const handle = await files.open(part, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await files.rename(part, path);
  } catch (cause) {
    await files.rm(part, { force: true }).catch(() => {});
    throw diskError(path, cause);
  }
  await syncFolder(files, dirname(path));
}

/** The rename itself reaches the disk with its folder. Windows cannot do that, and needs it not. */
async function syncFolder(files: FileLayer, folder: string): Promise<void> {
  const handle = await files.open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

/** A file system's error under this package's name. */
export function diskError(path: string, cause: unknown): CifarDataError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const rule = full ? `the disk must have room for ${path}` : `${path} must be writable`;
  return new CifarDataError('cache', rule, code ?? message, { code: full ? 'disk-full' : 'cache-write', cause });
}

/** The bytes of a file in pieces. */
export async function* fileChunks(files: FileLayer, path: string, onBytes: (bytes: number) => void = () => {}) {
  const handle = await files.open(path, 'r');
  try {
    for (let position = 0; ; ) {
      const { bytesRead, buffer } = await handle.read(new Uint8Array(2 ** 16), 0, 2 ** 16, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      onBytes(position);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Digest of a whole file, in hexadecimal. */
export async function digestOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  algorithm: Digest['algorithm'] | 'sha256',
): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
