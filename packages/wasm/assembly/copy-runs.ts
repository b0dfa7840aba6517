// Joins and cuts of tensors: runs of neighbours, as far apart where they come from as they are not where they go.

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
