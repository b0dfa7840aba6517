// Joins and cuts of tensors: runs of neighbours, as far apart where they come from as they are not where they go.
import { loadLanes, storeLanes } from './lanes';

/** Copies `runs` runs of `bytes` bytes each, in whole values of four. */
export function copyRuns(from: usize, to: usize, bytes: usize, runs: i32, stepFrom: usize, stepTo: usize): void {
  for (; runs > 0; runs--) {
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) v128.store(to + at, v128.load(from + at));
    for (; at < bytes; at += 4) store<i32>(to + at, load<i32>(from + at));
    from += stepFrom;
    to += stepTo;
  }
}

/**
 * Copies a part of an array, cut along many axes, to where `to` is; returns its end. An axis has a length, and a step in bytes where
 * it comes from: the outermost one's are given here, those of `inner` axes within it stand at `axes` (i32). Innermost are `bytes`.
 */
export function copyPart(
  from: usize,
  to: usize,
  length: i32,
  step: usize,
  axes: usize,
  inner: i32,
  bytes: usize,
): usize {
  if (inner === 0) {
    copyRuns(from, to, bytes, length, step, bytes);
    return to + bytes * <usize>length;
  }
  const next = load<i32>(axes);
  const nextStep = <usize>load<i32>(axes, 4);
  for (let i = 0; i < length; i++) {
    to = copyPart(from, to, next, nextStep, axes + 8, inner - 1, bytes);
    from += step;
  }
  return to;
}

/** For each of `runs` runs of `length` pieces of `bytes` bytes: the last piece first. */
export function reverseRuns(from: usize, to: usize, bytes: usize, length: i32, runs: i32): void {
  const run = bytes * <usize>length;
  for (; runs > 0; runs--) {
    copyRuns(from + run - bytes, to, bytes, length, 0 - bytes, bytes);
    from += run;
    to += run;
  }
}

/** For each of `runs` runs: piece i of `to` is piece indices[i] of `from`, of `bytes` bytes each, in whole values of four. */
export function gatherRuns(
  from: usize,
  indices: usize,
  to: usize,
  bytes: usize,
  count: i32,
  runs: i32,
  stepFrom: usize,
  stepTo: usize,
): void {
  for (; runs > 0; runs--) {
    for (let i = 0; i < count; i++) {
      const index = <usize>load<i32>(indices + ((<usize>i) << 2));
      copyRuns(from + index * bytes, to + <usize>i * bytes, bytes, 1, 0, 0);
    }
    from += stepFrom;
    to += stepTo;
  }
}

/** Adds `runs` runs of `count` float32 values each to those that are there. */
export function addRuns(from: usize, to: usize, count: i32, runs: i32, stepFrom: usize, stepTo: usize): void {
  for (; runs > 0; runs--) {
    for (let i = 0; i < count; i += 4) {
      const at = (<usize>i) << 2;
      const left = count - i;
      storeLanes(to + at, f32x4.add(loadLanes(to + at, left), loadLanes(from + at, left)), left);
    }
    from += stepFrom;
    to += stepTo;
  }
}
