// Images that go through in pieces where, as a whole, they would take more room than they may.
import { gather, range, reshape, slice, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { worksInLines } from './lines.ts';
import { bounds, joined, part } from './parts.ts';

/** On wasm, whose transposes and products cost less while the data stays in the cache: at most this many numbers. */
const WASM_PIECE = 2 ** 18;

/** Enough for any map: nothing here holds as much as four maps at once. */
const PIECES = 4;

/** A map of no more numbers is not worth cutting: the sides' matrices take as much. */
const SMALL = 2 ** 14;

/** Images, (batch, ..., channels), fall into pieces along either end, for all examples and channels are treated alike. */
export interface Cut {
  count: number;
  end: 'examples' | 'channels';
}

/** How to cut x: not at all, if nothing is won by it or the numbers that are `held` at once as a whole have `room`. */
export function cutOf(x: Tensor, held: number, room: number): Cut {
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const fits = !worksInLines() && (held <= room || x.size <= SMALL);
  const wanted = fits ? 1 : Math.max(PIECES, worksInLines() ? Math.ceil(x.size / WASM_PIECE) : 0);
  const end = fits || batch >= Math.min(PIECES, channels) ? 'examples' : 'channels';
  return { count: Math.min(wanted, end === 'examples' ? batch : channels), end };
}

/** The pieces of x one by one; each is the caller's to dispose of, but for one that is x itself. */
export function pieceOf(x: Tensor, { count, end }: Cut, index: number): Tensor {
  if (count === 1) return x;
  const axis = end === 'examples' ? 0 : x.rank - 1;
  const at = bounds(x.shape[axis]!, count);
  const [from, size] = [at[index]!, at[index + 1]! - at[index]!];
  if (axis === 0) return part(x, from, size);
  // wasm's slice copies the whole tensor whatever its result's size.
  if (worksInLines()) return tidy(() => gather(x, range(from, from + size, 1, 'int32'), axis));
  return slice(x, [...x.shape.slice(0, -1).map(() => 0), from], [...x.shape.slice(0, -1), size]);
}

/** Puts results (batch, values, channels) of pieces together, and disposes of them. */
export function joinedPieces(parts: Tensor[], { end }: Cut, shape: number[]): Tensor {
  const whole = joined(parts, end === 'examples' ? 0 : 2);
  const result = reshape(whole, shape);
  whole.dispose();
  return result;
}
