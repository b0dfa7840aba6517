// What was found out about a tensor's values holds as long as its memory is not written again.
import type { Backend } from './backend.ts';

const versions = new WeakMap<object, number>();

/** How often the memory of a tensor was overwritten in place. */
export function contentVersion(dataId: object): number {
  return versions.get(dataId) ?? 0;
}

/** The memory of a tensor is about to be overwritten: what was read of it before is no longer so. */
export function contentChanged(backend: Backend, dataId: object): void {
  versions.set(dataId, contentVersion(dataId) + 1);
  backend.tensorMap.get(dataId).values = null;
}
