// Matrices and tables on the device: built once per key and backend, owned by this cache and by no surrounding tf.tidy.
import { backend, type KernelBackend, keep, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** Beyond this many the one that has not been used for longest goes: lengths may keep changing while a network learns. */
const LIMIT = 128;

const caches = new Map<KernelBackend, Map<string, Tensor>>();

/** The constant `key` on the current backend; `build` is called when it is not there yet. The caller must not keep it. */
export function constant(key: string, build: () => Tensor): Tensor {
  const current = backend();
  const cache = caches.get(current) ?? new Map<string, Tensor>();
  caches.set(current, cache);
  let found = cache.get(key);
  cache.delete(key);
  if (!found || found.isDisposed) found = keep(tidy(build));
  cache.set(key, found); // last in the map: most recently used
  if (cache.size > LIMIT) {
    const [oldest, unused] = cache.entries().next().value!;
    cache.delete(oldest);
    unused.dispose();
  }
  return found;
}

/** Releases every constant that this package holds, on every backend. The next call builds what it needs anew. */
export function disposeCache(): void {
  for (const cache of caches.values()) for (const held of cache.values()) held.dispose();
  caches.clear();
}
