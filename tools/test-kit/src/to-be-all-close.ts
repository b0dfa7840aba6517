// The matcher of this project: `await expect(tensor).toBeAllClose(expected)`.
import { expect } from 'vitest';
import { type Numbers, toFlatAsync } from './numbers.ts';
import { largestMagnitude, worstDifference } from './tolerance.ts';

export interface AllCloseOptions {
  /** Allowed error of the worst element as a share of the largest expected magnitude. Default 1e-5. */
  relative?: number;
  /** Allowed error of the worst element in absolute terms, added to the relative one. Default 0. */
  absolute?: number;
}

interface AllCloseMatcher<R> {
  /**
   * Every element is within `relative * max|expected| + absolute` of its expected value; shapes agree where both have
   * one. On failure it names the worst element, its index and both values. Asynchronous: GPU data is awaited.
   */
  toBeAllClose(expected: Numbers, options?: AllCloseOptions): Promise<R>;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: the signature must repeat vitest's own
  interface Assertion<T = any> extends AllCloseMatcher<T> {}
}

/** Row-major index of flat position `flat`, as `[i, j, k]`. */
function position(flat: number, shape: number[] | undefined): string {
  if (!shape) return `[${flat}]`;
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return `[${index.join(', ')}]`;
}

expect.extend({
  async toBeAllClose(received: Numbers, wanted: Numbers, options: AllCloseOptions = {}) {
    const { relative = 1e-5, absolute = 0 } = options;
    const [actual, expected] = await Promise.all([toFlatAsync(received), toFlatAsync(wanted)]);
    if (actual.shape && expected.shape && actual.shape.join() !== expected.shape.join()) {
      const message = `shapes differ: got [${actual.shape}], expected [${expected.shape}]`;
      return { pass: false, message: () => message };
    }
    if (actual.values.length !== expected.values.length) {
      const message = `sizes differ: got ${actual.values.length} elements, expected ${expected.values.length}`;
      return { pass: false, message: () => message };
    }
    const worst = worstDifference(actual.values, expected.values);
    const bound = relative * largestMagnitude(expected.values) + absolute;
    // `!(error > bound)` would let NaN bounds pass; an infinite expected value has no meaningful bound.
    const pass = !worst || worst.error === 0 || (Number.isFinite(bound) && worst.error <= bound);
    return {
      pass,
      message: () =>
        worst
          ? `worst element at ${position(worst.index, actual.shape ?? expected.shape)}: got ${worst.actual}, ` +
            `expected ${worst.expected}, off by ${worst.error}, allowed ${bound}`
          : 'both are empty',
    };
  },
});
