// The browser's cache: each official file is a response in Cache Storage, which stores one whole or not at all.
import { type BatchFile, fileBytes, type Manifest } from '../data/manifest.ts';
import { CifarDataError } from '../errors.ts';
import { type Keep, notFound, type Source, type SourceContext } from '../sources/source.ts';

const CACHE_NAME = 'stridelab-cifar-data';

/** Keys must be addresses; nothing is ever fetched from this one. */
function keyOf(manifest: Manifest, file: BatchFile): string {
  return `https://cifar-data.invalid/${manifest.name}/${file.name}`;
}

export function cacheStorageSource(manifest: Manifest, storage: CacheStorage | undefined): Source {
  return {
    name: 'cache',
    where: `Cache Storage, ${CACHE_NAME}`,
    async load(context) {
      const { assembly, signal } = context;
      const cache = await openCache(storage);
      const wanted = assembly.missing();
      const total = wanted.reduce((sum, file) => sum + fileBytes(manifest, file), 0);
      const absent: string[] = [];
      let bytes = 0;
      for (const file of wanted) {
        signal?.throwIfAborted();
        const response = await cache.match(keyOf(manifest, file));
        if (!response) {
          absent.push(file.name);
          continue;
        }
        try {
          await assembly.accept(file, new Uint8Array(await response.arrayBuffer()), context.source);
        } catch (error) {
          context.report(error as Error);
        }
        bytes += fileBytes(manifest, file);
        context.progress('read', bytes, total);
      }
      if (absent.length > 0)
        throw notFound(absent, absent.length === wanted.length ? 'none of them' : `no ${absent.join(', ')}`);
    },
  };
}

/** Verified data is given to the caller even where it cannot be stored; but that is said, once. */
export function cacheStorageKeeper(
  manifest: Manifest,
  storage: CacheStorage | undefined,
  { report }: Pick<SourceContext, 'report'>,
): Keep {
  let failed = false;
  return async (file, bytes) => {
    if (failed) return;
    try {
      const cache = await openCache(storage);
      await cache.put(
        keyOf(manifest, file),
        new Response(bytes, { headers: { 'content-length': String(bytes.length) } }),
      );
    } catch (cause) {
      failed = true;
      const { name, message } = cause as Error;
      const code = name === 'QuotaExceededError' ? 'disk-full' : 'cache-write';
      if (cause instanceof CifarDataError) report(cause);
      else
        report(
          new CifarDataError('cache', `Cache Storage must take ${file.name}`, `${name}: ${message}`, { code, cause }),
        );
    }
  };
}

async function openCache(storage: CacheStorage | undefined): Promise<Cache> {
  if (storage) return storage.open(CACHE_NAME);
  // Browsers hide it from pages that were not served over HTTPS.
  throw new CifarDataError('cache', 'there must be Cache Storage (HTTPS or localhost)', storage, {
    code: 'cache-write',
  });
}
