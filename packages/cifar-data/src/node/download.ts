// An archive on the disk, verified as a whole. What a killed process has fetched is taken over by the next one: a
// rename makes the partial file its own, which only one of several can do, so no two ever write to the same.
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Archive } from '../data/manifest.ts';
import { CifarDataError } from '../errors.ts';
import type { SourceContext } from '../sources/source.ts';
import { type Network, transfer } from '../sources/transfer.ts';
import { digestOf, diskError, type FileLayer, fileChunks, orphans, ownName } from './files.ts';

export interface Download {
  archive: Archive;
  url: string;
  /** Folder for what is under way. */
  folder: string;
  files: FileLayer;
  network: Network;
}

/** Path of the verified archive. It is the caller's to remove or release, and a later process's should the caller die. */
export async function downloadArchive(download: Download, context: SourceContext): Promise<string> {
  const { archive, files, folder } = download;
  const part = await claimPart(files, join(folder, archive.fileName));
  try {
    const resumed = await sizeOf(files, part);
    try {
      await complete(download, part, context);
      await checkDigest(download, part, context);
    } catch (error) {
      // What was there before may be what is wrong. Once more, from nothing.
      if (resumed === 0 || !isWrong(error)) throw error;
      await files.rm(part, { force: true });
      await complete(download, part, context);
      await checkDigest(download, part, context);
    }
    return part;
  } catch (error) {
    // A good beginning is worth keeping; wrong bytes, or a file that fills the disk, are not.
    const full = error instanceof CifarDataError && error.code === 'disk-full';
    if (full || isWrong(error) || (await sizeOf(files, part)) === 0) await files.rm(part, { force: true });
    else await releaseArchive(download, part);
    throw error;
  }
}

/** A file of this process's own: one that nobody owns any more, or a new one. */
async function claimPart(files: FileLayer, path: string): Promise<string> {
  const own = ownName(path);
  await files.mkdir(dirname(path), { recursive: true }).catch((cause) => Promise.reject(diskError(path, cause)));
  for (const left of [leftBehind(path), ...(await orphans(files, path))]) {
    try {
      await files.rename(left, own);
      return own;
    } catch {
      // Not there, or another process was faster.
    }
  }
  return own;
}

/** The name under which an interrupted download waits for whoever comes next. */
function leftBehind(path: string): string {
  return `${path}.part`;
}

/** Leaves an archive, or a beginning of one, to the next load, of this process or of another. */
export async function releaseArchive({ archive, files, folder }: Download, part: string): Promise<void> {
  const left = leftBehind(join(folder, archive.fileName));
  const better = (await sizeOf(files, part)) >= (await sizeOf(files, left));
  await (better ? files.rename(part, left) : files.rm(part, { force: true })).catch(() => {});
}

async function complete({ archive, url, files, network }: Download, part: string, context: SourceContext) {
  let position = await sizeOf(files, part);
  if (position > archive.bytes) {
    await files.rm(part, { force: true });
    position = 0;
  }
  if (position === archive.bytes) return;
  const handle = await files.open(part, 'a').catch((cause) => Promise.reject(diskError(part, cause)));
  try {
    context.progress('download', position, archive.bytes);
    for await (const chunk of transfer({ url, archive, start: position, network, signal: context.signal })) {
      await append(handle, part, chunk);
      position += chunk.length;
      context.progress('download', position, archive.bytes);
    }
  } finally {
    await handle.close();
  }
}

async function append(handle: FileHandle, part: string, chunk: Uint8Array): Promise<void> {
  try {
    await handle.writeFile(chunk);
  } catch (cause) {
    throw diskError(part, cause);
  }
}

async function checkDigest({ archive, files, url }: Download, part: string, context: SourceContext): Promise<void> {
  const onBytes = (bytes: number) => {
    context.signal?.throwIfAborted();
    context.progress('check', bytes, archive.bytes);
  };
  const { algorithm, hex } = archive.digest;
  const found = await digestOf(fileChunks(files, part, onBytes), algorithm);
  if (found === hex) return;
  throw new CifarDataError('download', `${algorithm} of ${url} must be ${hex}`, found, { code: 'checksum' });
}

/** Whether the bytes that are there are wrong, and not merely the answer of a server: then nothing can come of them. */
function isWrong(error: unknown): boolean {
  return error instanceof CifarDataError && error.code === 'checksum';
}

async function sizeOf(files: FileLayer, path: string): Promise<number> {
  return files.stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
