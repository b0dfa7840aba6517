// The cache folder: official files under the name of their data set, and downloads that are under way.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { type BatchFile, fileBytes, type Manifest } from '../data/manifest.ts';
import { CifarDataError } from '../errors.ts';
import { notFound, type Source, type SourceContext } from '../sources/source.ts';
import { type FileLayer, writeAtomically } from './files.ts';

/** Names the cache folder where no option does. */
export const CACHE_VARIABLE = 'STRIDELAB_CIFAR_CACHE';

/** The option, the environment variable, or the platform's own place for caches, in this order. */
export function cacheFolder(option: string | undefined, env: NodeJS.ProcessEnv): string {
  const named = option ?? (env[CACHE_VARIABLE] || undefined);
  return named === undefined ? envPaths('stridelab-cifar-data', { suffix: '' }).cache : resolve(expandHome(named));
}

/** `~/x` as a shell would read it; inside of quotes, or in a configuration file, no shell does. */
export function expandHome(path: string): string {
  return /^~(?=$|[\\/])/.test(path) ? join(homedir(), path.slice(1)) : path;
}

export class Cache {
  constructor(
    readonly folder: string,
    readonly files: FileLayer,
  ) {}

  pathOf(manifest: Manifest, file: BatchFile): string {
    return join(this.folder, manifest.name, file.name);
  }

  /** Stores a verified file. */
  async keep(manifest: Manifest, file: BatchFile, bytes: Uint8Array): Promise<void> {
    await writeAtomically(this.files, this.pathOf(manifest, file), bytes);
  }

  source(manifest: Manifest): Source {
    const folder = join(this.folder, manifest.name);
    return { name: 'cache', where: folder, load: (context) => readOfficialFiles(this.files, folder, context) };
  }
}

/** Takes the official files that a folder holds; one that is bad is reported, and the others count. */
export async function readOfficialFiles(files: FileLayer, folder: string, context: SourceContext): Promise<void> {
  const { assembly, signal, source } = context;
  const { manifest } = assembly;
  const wanted = assembly.missing();
  const total = wanted.reduce((sum, file) => sum + fileBytes(manifest, file), 0);
  const absent: string[] = [];
  // One array for all files: see readNpmArchive.
  const scratch = new Uint8Array(Math.max(0, ...wanted.map((file) => fileBytes(manifest, file))));
  let bytes = 0;
  for (const file of wanted) {
    signal?.throwIfAborted();
    const path = join(folder, file.name);
    try {
      const content = scratch.subarray(0, fileBytes(manifest, file));
      await readInto(files, path, content);
      await assembly.accept(file, content, source);
      bytes += content.length;
      context.progress('read', bytes, total);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') absent.push(file.name);
      else if (error instanceof CifarDataError) context.report(error);
      else
        context.report(
          new CifarDataError('load', `${path} must be readable`, code ?? String(error), { code: 'malformed' }),
        );
    }
  }
  if (absent.length > 0)
    throw notFound(absent, absent.length === wanted.length ? 'none of them' : `no ${absent.join(', ')}`);
}

/** A file of the length of `target`, read into it; any other is not read at all. */
export async function readInto(files: FileLayer, path: string, target: Uint8Array<ArrayBuffer>): Promise<void> {
  const handle = await files.open(path, 'r');
  try {
    const { size } = await handle.stat();
    let filled = 0;
    while (size === target.length && filled < size) {
      const { bytesRead } = await handle.read(target, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled === target.length) return;
    const code = size < target.length ? 'truncated' : 'malformed';
    throw new CifarDataError('load', `${path} must hold ${target.length} bytes`, size, { code });
  } finally {
    await handle.close();
  }
}
