// Images that go through in pieces where, as a whole, they would take more room than they may.
import {
  concat,
  gather,
  gatherND,
  range,
  reshape,
  slice,
  type Tensor,
  type Tensor1D,
  tidy,
} from '@tensorflow/tfjs-core';
import { worksInLines } from './lines.ts';

/** On wasm, whose transposes and products cost less while the data stays in the cache: at most this many numbers. */
const WASM_PIECE = 2 ** 18;

/** Enough for any map: nothing here holds as much as four maps at once. Some GPUs join no more than seven parts in one go. */
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
  const [from, to] = [index, index + 1].map((i) => Math.floor((i * x.shape[axis]!) / count)) as [number, number];
  if (worksInLines()) return tidy(() => gathered(x, axis, range(from, to, 1, 'int32')));
  const [begin, size] = [x.shape.map(() => 0), [...x.shape]];
  [begin[axis], size[axis]] = [from, to - from];
  return slice(x, begin, size);
}

/** Puts results (batch, values, channels) of pieces together, and disposes of them. */
export function joined(parts: Tensor[], { end }: Cut, shape: number[]): Tensor {
  const whole = parts.length === 1 ? parts[0]! : concat(parts, end === 'examples' ? 0 : 2);
  const result = reshape(whole, shape);
  for (const tensor of new Set([...parts, whole])) tensor.dispose();
  return result;
}

/** Like slice, but wasm's slice copies the whole tensor whatever its result's size; whole examples have a faster kernel. */
function gathered(x: Tensor, axis: number, places: Tensor1D): Tensor {
  return axis === 0 ? gatherND(x, reshape(places, [-1, 1])) : gather(x, places, axis);
}
