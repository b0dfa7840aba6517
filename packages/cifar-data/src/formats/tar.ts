// Files of a tar stream, one after another, without ever writing one to a disk.
import { createTarDecoder } from 'modern-tar';
import { CifarDataError } from '../errors.ts';
import { type Chunks, streamOf } from './inflate.ts';

export interface TarFile {
  name: string;
  size: number;
  /** The whole content, in `scratch` if it fits there. A file whose content is not read is skipped. */
  read(scratch?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Reads a tar archive from start to end. Whoever made the archive chose the names in it, so one that points outside of
 * the archive's own folder is refused before anything of it is used.
 */
export async function* tarFiles(archiveName: string, tar: Chunks): AsyncGenerator<TarFile> {
  const reader = streamOf(tar)
    .pipeThrough(createTarDecoder({ strict: true }))
    .getReader();
  const next = () => reader.read().catch((cause) => Promise.reject(unreadable(archiveName, cause)));
  try {
    for (let { done, value } = await next(); !done; { done, value } = await next()) {
      const { header, body } = value!;
      checkPath(archiveName, header.name);
      let used = false;
      if (header.type === 'file') {
        const read = (scratch?: Uint8Array<ArrayBuffer>) => {
          used = true;
          return readBody(archiveName, header.size, body, scratch);
        };
        yield { name: header.name, size: header.size, read };
      }
      // Read to its end, not cancelled: modern-tar 0.8.6 may already be at the next file, and would cancel that one.
      if (!used) await readBody(archiveName, header.size, body);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function checkPath(archiveName: string, path: string): void {
  const parts = path.split(/[\\/]/);
  const outside = parts.includes('..') || /^([\\/]|[a-z]:)/i.test(path) || path.includes('\0');
  if (!outside) return;
  const rule = `every path in ${archiveName} must stay inside of its folder`;
  throw new CifarDataError('readArchive', rule, path, { code: 'unsafe-path' });
}

async function readBody(
  archiveName: string,
  size: number,
  body: ReadableStream<Uint8Array>,
  scratch?: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  if (size > MOST_BYTES) {
    const rule = `no file in ${archiveName} may be larger than ${MOST_BYTES} bytes`;
    throw new CifarDataError('readArchive', rule, size, { code: 'malformed' });
  }
  const bytes = scratch && scratch.length >= size ? scratch.subarray(0, size) : new Uint8Array(size);
  const reader = body.getReader();
  let filled = 0;
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      bytes.set(value!, filled);
      filled += value!.length;
    }
  } catch (cause) {
    throw unreadable(archiveName, cause);
  }
  if (filled !== size) throw unreadable(archiveName, new Error(`a file of ${size} bytes ends after ${filled}`));
  return bytes;
}

/** Above everything in any CIFAR archive; a header may claim any size at all. */
const MOST_BYTES = 2 ** 28;

function unreadable(archiveName: string, cause: unknown): Error {
  if (cause instanceof CifarDataError) return cause;
  if (cause instanceof Error && cause.name === 'AbortError') return cause;
  const words = cause instanceof Error ? cause.message : String(cause);
  return new CifarDataError('readArchive', `${archiveName} must be an intact tar.gz`, words, {
    code: 'not-an-archive',
    cause,
  });
}
