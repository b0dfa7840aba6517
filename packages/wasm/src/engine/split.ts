/** A part of a range: `count` items from `start`. */
export interface Part {
  index: number;
  start: number;
  count: number;
}

/** Cuts `count` items into at most `parts` parts of nearly the same size, none of them empty. */
export function split(count: number, parts: number): Part[] {
  const pieces = Math.max(1, Math.min(parts, count));
  return Array.from({ length: pieces }, (_, index) => {
    const start = Math.floor((index * count) / pieces);
    return { index, start, count: Math.floor(((index + 1) * count) / pieces) - start };
  });
}
