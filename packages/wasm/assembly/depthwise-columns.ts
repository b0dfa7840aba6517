// Inner loops of the gradients of a depthwise convolution, over columns of two rows in the same channels.
import { loadLanes, storeLanes } from './lanes';
import { multiplyAdd } from './multiply-add';

/** tap[lane] += sum over columns of a[column, lane] * b[column, lane], in eight channels. */
export function sumColumns(a: usize, b: usize, tap: usize, count: i32, stepA: usize, stepB: usize): void {
  let sum0 = v128.load(tap);
  let sum1 = v128.load(tap, 16);
  do {
    sum0 = multiplyAdd(v128.load(a), v128.load(b), sum0);
    sum1 = multiplyAdd(v128.load(a, 16), v128.load(b, 16), sum1);
    a += stepA;
    b += stepB;
  } while (--count > 0);
  v128.store(tap, sum0);
  v128.store(tap, sum1, 16);
}

/** The same for three taps, `tapBytes` from each other, whose columns of b are `apart`. */
export function sumColumnsOfThree(
  a: usize,
  b: usize,
  tap: usize,
  count: i32,
  stepA: usize,
  stepB: usize,
  tapBytes: usize,
  apart: usize,
): void {
  const tap1 = tap + tapBytes;
  const tap2 = tap1 + tapBytes;
  let b1 = b + apart;
  let b2 = b1 + apart;
  let sum00 = v128.load(tap);
  let sum01 = v128.load(tap, 16);
  let sum10 = v128.load(tap1);
  let sum11 = v128.load(tap1, 16);
  let sum20 = v128.load(tap2);
  let sum21 = v128.load(tap2, 16);
  do {
    const a0 = v128.load(a);
    const a1 = v128.load(a, 16);
    sum00 = multiplyAdd(a0, v128.load(b), sum00);
    sum01 = multiplyAdd(a1, v128.load(b, 16), sum01);
    sum10 = multiplyAdd(a0, v128.load(b1), sum10);
    sum11 = multiplyAdd(a1, v128.load(b1, 16), sum11);
    sum20 = multiplyAdd(a0, v128.load(b2), sum20);
    sum21 = multiplyAdd(a1, v128.load(b2, 16), sum21);
    a += stepA;
    b += stepB;
    b1 += stepB;
    b2 += stepB;
  } while (--count > 0);
  v128.store(tap, sum00);
  v128.store(tap, sum01, 16);
  v128.store(tap1, sum10);
  v128.store(tap1, sum11, 16);
  v128.store(tap2, sum20);
  v128.store(tap2, sum21, 16);
}

/** to[column, lane] += from[column, lane] * tap[lane], in eight channels. */
export function spreadColumns(from: usize, to: usize, tap: usize, count: i32, stepFrom: usize, stepTo: usize): void {
  const tap0 = v128.load(tap);
  const tap1 = v128.load(tap, 16);
  do {
    let sum0 = v128.load(to);
    let sum1 = v128.load(to, 16);
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(from), tap0));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load(from, 16), tap1));
    v128.store(to, sum0);
    v128.store(to, sum1, 16);
    from += stepFrom;
    to += stepTo;
  } while (--count > 0);
}

/** The same for three taps, `tapBytes` from each other, whose columns of `from` are `apart`, the last one's before the others'. */
export function spreadColumnsOfThree(
  from: usize,
  to: usize,
  tap: usize,
  count: i32,
  step: usize,
  tapBytes: usize,
  apart: usize,
): void {
  const tap1 = tap + tapBytes;
  const tap2 = tap1 + tapBytes;
  const tap00 = v128.load(tap);
  const tap01 = v128.load(tap, 16);
  const tap10 = v128.load(tap1);
  const tap11 = v128.load(tap1, 16);
  const tap20 = v128.load(tap2);
  const tap21 = v128.load(tap2, 16);
  let from1 = from - apart;
  let from2 = from1 - apart;
  do {
    let sum0 = v128.load(to);
    let sum1 = v128.load(to, 16);
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(from), tap00));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load(from, 16), tap01));
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(from1), tap10));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load(from1, 16), tap11));
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(from2), tap20));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load(from2, 16), tap21));
    v128.store(to, sum0);
    v128.store(to, sum1, 16);
    from += step;
    from1 += step;
    from2 += step;
    to += step;
  } while (--count > 0);
}

/** target[column, lane] += a[column, lane] * b[column, lane] in the four channels or fewer that are no eight. */
export function addColumns(
  a: usize,
  b: usize,
  target: usize,
  lanes: i32,
  count: i32,
  stepA: usize,
  stepB: usize,
  stepTarget: usize,
): void {
  do {
    const product = f32x4.mul(loadLanes(a, lanes), loadLanes(b, lanes));
    storeLanes(target, f32x4.add(loadLanes(target, lanes), product), lanes);
    a += stepA;
    b += stepB;
    target += stepTarget;
  } while (--count > 0);
}
