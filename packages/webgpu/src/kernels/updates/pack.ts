// Which parameters one dispatch updates: as many as the shader may bind the buffers of.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Target } from './targets.ts';

/** One parameter. */
export interface Item {
  weight: Target;
  gradient: TensorInfo;
  /** What the optimizer remembers of it and of the others of its bucket. */
  slots: readonly Target[];
  /** Where in the slots its numbers begin. */
  offset: number;
  size: number;
  /** Factor of the weight, the weight decay. */
  decay: number;
}

/** Parameters for one dispatch, and how many of their numbers a thread takes at once. */
export interface Pack {
  items: Item[];
  width: 1 | 4;
}

function buffersOf({ weight, gradient, slots }: Item): object[] {
  const tensors = [gradient, ...[weight, ...slots].flatMap(({ before, after }) => [before, after])];
  return tensors.map(({ dataId }) => dataId);
}

/**
 * Puts each item into the first pack that has room, in the order in which that takes fewer packs: the given one, or those
 * together that share a slot. `buffers` is how many buffers a shader may bind for them.
 */
export function pack(items: readonly Item[], buffers: number): Pack[] {
  const filled = items.filter(({ size }) => size > 0);
  const uses = new Map<Target, number>();
  for (const slot of filled.flatMap(({ slots }) => slots)) uses.set(slot, (uses.get(slot) ?? 0) + 1);
  const shares = ({ slots }: Item) => slots.some((slot) => uses.get(slot)! > 1);
  const sorted = [...filled.filter(shares), ...filled.filter((item) => !shares(item))];
  const [given, together] = [packInOrder(filled, buffers), packInOrder(sorted, buffers)];
  return together.length < given.length ? together : given;
}

function packInOrder(items: readonly Item[], buffers: number): Pack[] {
  const packs: (Pack & { bound: Set<object> })[] = [];
  for (const item of items) {
    const width = item.size % 4 === 0 && item.offset % 4 === 0 ? 4 : 1;
    const own = buffersOf(item);
    const fits = packs.find((known) => known.width === width && new Set([...known.bound, ...own]).size <= buffers);
    const chosen = fits ?? { items: [], width, bound: new Set() };
    if (!fits) packs.push(chosen);
    chosen.items.push(item);
    for (const buffer of own) chosen.bound.add(buffer);
  }
  return packs.map(({ items, width }) => ({ items, width }));
}
