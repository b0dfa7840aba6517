// Matrices and tables on the device: built once per key and backend, owned by this cache and by no surrounding tf.tidy.
import { backend, type KernelBackend, keep, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** Most numbers that are held on a backend (64 MB); what was not used for longest goes first. */
const LIMIT = 2 ** 24;

const caches = new Map<KernelBackend, Map<string, Tensor>>();

/** The constant `key` on the current backend; `build` is called when it is not there yet. The caller must not keep it. */
export function constant(key: string, build: () => Tensor): Tensor {
  const current = backend();
  const cache = caches.get(current) ?? new Map<string, Tensor>();
  caches.set(current, cache);
  let found = cache.get(key);
  cache.delete(key);
  if (!found || found.isDisposed) {
    found = keep(tidy(build));
    let room = LIMIT - found.size;
    for (const [other, held] of [...cache].reverse()) {
      room -= held.size;
      if (room < 0 && cache.delete(other)) held.dispose();
    }
  }
  cache.set(key, found); // last in the map: most recently used
  return found;
}

/** Releases every constant that this package holds, on every backend. The next call builds what it needs anew. */
export function disposeCache(): void {
  for (const cache of caches.values()) for (const held of cache.values()) held.dispose();
  caches.clear();
}
