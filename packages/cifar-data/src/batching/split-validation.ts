import { checkSplit, type Split, takeImages } from '../data/split.ts';
import { CifarDataError, checkWholeNumber } from '../errors.ts';
import { permutation, randomFor } from './random.ts';

/** Parts `count` images from a split, each class in its proportion; the same ones for the same seed. Copies both parts. */
export function splitValidation(split: Split, count: number, seed: number): { train: Split; validation: Split } {
  checkSplit('splitValidation', split);
  checkWholeNumber('splitValidation', 'count', count, 1);
  checkWholeNumber('splitValidation', 'seed', seed, 0);
  if (count >= split.count) {
    throw new CifarDataError('splitValidation', `count must be below the split's ${split.count}`, count);
  }
  const classes = split.classNames.length;
  const members: number[][] = Array.from({ length: classes }, () => []);
  for (let i = 0; i < split.count; i++) members[split.labels[i]!]!.push(i);
  const shares = apportion(
    members.map(({ length }) => length),
    count,
  );
  const chosen = new Uint8Array(split.count);
  members.forEach((indices, label) => {
    const order = permutation(indices.length, randomFor(seed, label));
    for (let i = 0; i < shares[label]!; i++) chosen[indices[order[i]!]!] = 1;
  });
  const all = Array.from({ length: split.count }, (_, i) => i);
  return {
    train: takeImages(
      split,
      all.filter((i) => chosen[i] === 0),
    ),
    validation: takeImages(
      split,
      all.filter((i) => chosen[i] === 1),
    ),
  };
}

/** `count` seats by largest remainder; the lower class number wins a tie. */
function apportion(sizes: number[], count: number): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const seats = sizes.map((size) => Math.floor((size * count) / total));
  const remainder = (i: number) => (sizes[i]! * count) % total;
  const byRemainder = sizes.map((_, i) => i).sort((a, b) => remainder(b) - remainder(a) || a - b);
  const left = count - seats.reduce((sum, seat) => sum + seat, 0);
  for (const i of byRemainder.slice(0, left)) seats[i]!++;
  return seats;
}
