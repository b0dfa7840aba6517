// A batch that goes through in pieces, where that is faster.
import { concat, gatherND, getBackend, type Tensor, tensor2d } from '@tensorflow/tfjs-core';

/** On wasm, whose transposes and products cost less while the data stays in the cache: at most this many numbers. */
const WASM_PIECE = 2 ** 18;

/** How many examples of `x`, whose first axis is the batch, make a piece. */
export function pieceOf(x: Tensor): number {
  const batch = Math.max(x.shape[0]!, 1);
  if (getBackend() !== 'wasm') return batch;
  return Math.max(1, Math.min(batch, Math.floor((WASM_PIECE * batch) / Math.max(x.size, 1))));
}

/**
 * f of x, whose first axis is the batch, by pieces of `size` examples; `f` has to dispose of all but its result. A piece is
 * its own to dispose of where `isOwn`, and otherwise x itself.
 */
export function inPieces(
  x: Tensor,
  size: number,
  f: (piece: Tensor, options: { index: number; isOwn: boolean }) => Tensor,
): Tensor {
  const batch = x.shape[0]!;
  if (batch <= size) return f(x, { index: 0, isOwn: false });
  const parts = Array.from({ length: Math.ceil(batch / size) }, (_, index) => {
    const start = index * size;
    return f(examples(x, start, Math.min(size, batch - start)), { index, isOwn: true });
  });
  const whole = concat(parts);
  for (const part of parts) part.dispose();
  return whole;
}

/** Like slice, but wasm's slice copies the whole tensor whatever its result's size. */
function examples(x: Tensor, start: number, count: number): Tensor {
  const rows = tensor2d(
    Int32Array.from({ length: count }, (_, i) => start + i),
    [count, 1],
    'int32',
  );
  const taken = gatherND(x, rows);
  rows.dispose();
  return taken;
}
