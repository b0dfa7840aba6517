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
  let bytes = 0;
  for (const file of wanted) {
    signal?.throwIfAborted();
    const path = join(folder, file.name);
    try {
      const content = await readWhole(files, path, fileBytes(manifest, file));
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

/** A file of a length that is known: one that is longer is not read into memory. */
async function readWhole(files: FileLayer, path: string, expected: number): Promise<Uint8Array<ArrayBuffer>> {
  const { size } = await files.stat(path);
  if (size === expected) return (await files.readFile(path)) as Uint8Array<ArrayBuffer>;
  const code = size < expected ? 'truncated' : 'malformed';
  throw new CifarDataError('load', `${path} must hold ${expected} bytes`, size, { code });
}
