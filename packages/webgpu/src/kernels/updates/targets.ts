// Where an update writes: over a variable's own memory, or beside it where somebody else counts on what is there.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Backend } from '../../gpu/backend.ts';
import { inPlace, output } from '../../gpu/dispatch.ts';

/** What is updated, before and after: the same memory, or new one. */
export interface Target {
  before: TensorInfo;
  after: TensorInfo;
}

/**
 * Where the next values of `changed` go in a kernel that reads `others` too. A tensor that shares the memory of a variable
 * keeps its values, and a buffer that a shader writes may be bound to it once.
 */
export function targetsOf(backend: Backend, changed: readonly TensorInfo[], others: readonly TensorInfo[]): Target[] {
  const uses = new Map<object, number>();
  for (const { dataId } of [...changed, ...others]) uses.set(dataId, (uses.get(dataId) ?? 0) + 1);
  const isAlone = ({ dataId }: TensorInfo) => uses.get(dataId) === 1 && backend.tensorMap.get(dataId).refCount === 1;
  const alone = changed.map(isAlone);
  return changed.map((before, i) => ({
    before,
    after: alone[i] ? inPlace(backend, before) : output(backend, before.shape),
  }));
}
