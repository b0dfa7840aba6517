// Which tensors' memory was overwritten behind TF.js's back: by kernels that work in place, and by replayed steps.
import type { Backend } from './backend.ts';

interface Contents {
  version: number;
  /** Downloads under way, and how many of them began before the last change. */
  reading: number;
  outdated: number;
}

const known = new WeakMap<object, Contents>();
const patched = new WeakSet<Backend>();

/**
 * Counts the changes of a tensor's memory that its `dataId` does not show. What is remembered of a tensor, such as a scale,
 * is true while both are the same.
 */
export function contentVersion(dataId: object): number {
  return known.get(dataId)?.version ?? 0;
}

/** Forgets what TF.js knows of the values. A download under way gives whoever waits for it the old ones, and no one else. */
export function contentChanged(backend: Backend, dataId: object): void {
  if (!backend.tensorMap.has(dataId)) return;
  watchReads(backend);
  const contents = contentsOf(dataId);
  contents.version++;
  contents.outdated = contents.reading;
  backend.tensorMap.get(dataId).values = null;
}

function contentsOf(dataId: object): Contents {
  const contents = known.get(dataId) ?? { version: 0, reading: 0, outdated: 0 };
  known.set(dataId, contents);
  return contents;
}

/** Sees to it that an outdated download is not kept as the tensor's values. Downloads end in the order in which they began. */
export function watchReads(backend: Backend): void {
  if (patched.has(backend)) return;
  patched.add(backend);
  const { read, convertAndCacheOnCPU } = backend;
  backend.read = async function (this: Backend, dataId) {
    if (!this.tensorMap.has(dataId) || this.tensorMap.get(dataId).values) return read.call(this, dataId);
    const contents = contentsOf(dataId);
    contents.reading++;
    try {
      return await read.call(this, dataId);
    } finally {
      contents.reading--;
      if (contents.outdated) contents.outdated--;
    }
  };
  backend.convertAndCacheOnCPU = function (this: Backend, dataId, values) {
    const outdated = known.get(dataId)?.outdated;
    return outdated || !this.tensorMap.has(dataId) ? values : convertAndCacheOnCPU.call(this, dataId, values);
  };
}
