// What was found out about a tensor's values holds as long as its memory is not written again.

const versions = new WeakMap<object, number>();

/** How often the memory of a tensor was overwritten in place. */
export const versionOf = (dataId: object): number => versions.get(dataId) ?? 0;

export function written(dataId: object): void {
  versions.set(dataId, versionOf(dataId) + 1);
}
