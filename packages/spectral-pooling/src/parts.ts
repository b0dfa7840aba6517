// Tensors taken apart along their first axis and put together again, without more room than that takes.
import { concat, gatherND, getBackend, range, reshape, slice, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** Rows `from` to `from + count` of x; a tensor of its own, though it may share its values with x. */
export function part(x: Tensor, from: number, count: number): Tensor {
  if (count === x.shape[0]) return reshape(x, x.shape);
  // wasm's slice copies the whole tensor whatever its result's size.
  if (getBackend() === 'wasm') return tidy(() => gatherND(x, reshape(range(from, from + count, 1, 'int32'), [-1, 1])));
  return slice(x, [from], [count]);
}

/** `parts` as one tensor; whose they are, they stay. */
export function concatenated(parts: Tensor[], axis = 0): Tensor {
  return parts.length === 1 ? parts[0]! : concat(parts, axis);
}

/** `parts` as one tensor. They are disposed of, so that at most their room is taken twice. */
export function joined(parts: Tensor[], axis = 0): Tensor {
  if (parts.length === 1) return parts[0]!;
  // A GPU that joins few tensors at once would join the rest of many while all are still there.
  const most = ['cpu', 'wasm'].includes(getBackend()) ? parts.length : FEW;
  const groups = Array.from({ length: Math.ceil(parts.length / most) }, (_, i) => {
    const group = parts.slice(i * most, (i + 1) * most);
    if (group.length === 1) return group[0]!;
    const whole = concat(group, axis);
    for (const tensor of group) tensor.dispose();
    return whole;
  });
  return joined(groups, axis);
}

/** What every GPU joins in one go. */
const FEW = 7;

/** Where `count` parts of `length` begin, all about as long, and the length itself. */
export function bounds(length: number, count: number): number[] {
  const parts = Math.min(length, count);
  return Array.from({ length: parts + 1 }, (_, i) => Math.floor((i * length) / parts));
}

/** Parts of x along its first axis, as long as `bounds` says. x is disposed of. */
export function split(x: Tensor, count: number): Tensor[] {
  const at = bounds(x.shape[0]!, count);
  const parts = at.slice(1).map((end, i) => part(x, at[i]!, end - at[i]!));
  x.dispose();
  return parts;
}
