// How much room some work takes while it runs, counted where memory is given out and given back.
import { backend, engine, getBackend } from '@tensorflow/tfjs-core';
import { BACKENDS } from './backends.ts';

/** Where TF.js knows what it takes. tfjs-node counts a reshaped tensor beside the one whose memory it has. */
export const COUNTED_BACKENDS = BACKENDS.filter((name) => name !== 'tensorflow');

/**
 * The bytes that are in use at most while `work` runs, beyond those that are in use before. Tensors that share their values
 * count once. On wasm all of the backend's memory counts, also what kernels take for themselves. `soFar` gives the peak up to
 * that moment.
 */
export function peakBytes(work: (soFar: () => number) => void): number {
  let [now, peak] = [0, 0];
  const sizes = new Map<unknown, number>();
  const take = (key: unknown, bytes: number) => {
    sizes.set(key, bytes);
    now += bytes;
    peak = Math.max(peak, now);
  };
  const give = (key: unknown) => {
    now -= sizes.get(key) ?? 0; // what was there before is not counted
    sizes.delete(key);
  };
  const stop = getBackend() === 'wasm' ? watchHeap(take, give) : watchTensors(take, give);
  try {
    work(() => peak);
  } finally {
    stop();
  }
  return peak;
}

type Take = (key: unknown, bytes: number) => void;
type Give = (key: unknown) => void;

interface Heap {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

function watchHeap(take: Take, give: Give): () => void {
  const heap = (backend() as unknown as { wasm: Heap }).wasm;
  const { _malloc, _free } = heap;
  heap._malloc = (bytes) => {
    const address = _malloc(bytes);
    take(address, bytes);
    return address;
  };
  heap._free = (address) => {
    give(address);
    _free(address);
  };
  return () => void Object.assign(heap, { _malloc, _free });
}

/** TF.js's own list of values, which it counts tensors by. */
function watchTensors(take: Take, give: Give): () => void {
  const list = engine().state.tensorInfo;
  const { set, delete: remove } = list;
  list.set = (id, info) => {
    take(id, info.bytes ?? 0);
    return set.call(list, id, info);
  };
  list.delete = (id) => {
    give(id);
    return remove.call(list, id);
  };
  return () => void Object.assign(list, { set, delete: remove });
}
