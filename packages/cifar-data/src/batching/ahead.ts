// Makes things ahead of their use: while the consumer waits (for a GPU, as a rule), the event loop has time to spare.
import { CifarDataError } from '../errors.ts';

/** Items `start` ... `end - 1`, up to `depth` of them made before they are asked for. */
export async function* aheadOfTime<T>(
  make: (index: number) => T,
  start: number,
  end: number,
  depth: number,
  discard: (item: T) => void = () => {},
): AsyncGenerator<T, void, undefined> {
  if (!Number.isInteger(start) || start < 0 || start > end) {
    throw new CifarDataError('batches', `the number of the batch to go on from must be in [0, ${end}]`, start);
  }
  const ready: T[] = [];
  let next = start;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const makeOne = () => {
    timer = undefined;
    try {
      ready.push(make(next));
      next++;
    } catch {
      return; // the consumer meets the same error when it asks for this item itself
    }
    plan();
  };
  const plan = () => {
    if (timer === undefined && ready.length < depth && next < end) timer = setTimeout(makeOne, 0);
  };
  try {
    for (let index = start; index < end; index++) {
      const item = ready.shift() ?? make(next++);
      plan();
      yield item;
    }
  } finally {
    clearTimeout(timer);
    for (const item of ready) discard(item);
  }
}
