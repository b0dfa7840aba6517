// The grid of a comparison: every pooling by every choice of strides, plain and hypercomplex, by every seed.
import { closestMatch } from 'leven';
import { CommandError } from '../errors.ts';
import { FLAGS, type Flags, type FlagsOf, type FlagTable } from '../flags.ts';

const { pooling: _pooling, strides: _strides, seed: _seed, conv: _conv, n: _n, ...rest } = FLAGS;
const { 'run-name': _runName, resume: _resume, ...common } = rest;

export const COMPARE_FLAGS = {
  pooling: { value: 'A,B,...', help: `of ${FLAGS.pooling.choices.join(', ')} (default: strided,spectral,diffstride)` },
  strides: { value: 'A,B,...', multiple: true, help: 'as for npm start (default 2,2,2); again for another choice' },
  seeds: { value: 'N', help: 'runs of each cell, with the seeds 0 to N - 1 (default 3)' },
  phc: { value: 'N', help: 'also with hypercomplex convolutions of N components' },
  name: { value: 'NAME', help: 'of the folder in runs/ that holds the grid (default: compare)' },
  ...common,
} as const satisfies FlagTable;

/** One row of the table. */
export interface Row {
  pooling: string;
  strides: string;
  /** Components of its hypercomplex convolutions. */
  phc?: string;
  /** One for each seed: a name, and the flags of its run. */
  runs: { name: string; flags: Flags }[];
}

export type CompareFlags = FlagsOf<typeof COMPARE_FLAGS>;

export function gridOf(given: CompareFlags): Row[] {
  const { pooling = 'strided,spectral,diffstride', strides = '2,2,2', seeds = '3', phc, name: _, ...others } = given;
  const count = Number(seeds);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new CommandError('compare', '--seeds must be a whole number >= 1', seeds);
  }
  if (phc !== undefined && !(Number.isSafeInteger(Number(phc)) && Number(phc) >= 1)) {
    throw new CommandError('compare', '--phc must be a whole number >= 1', phc);
  }
  const poolings = choicesOf(pooling, ',');
  for (const each of poolings) {
    if (FLAGS.pooling.choices.includes(each as 'max')) continue;
    const rule = `--pooling must name some of ${FLAGS.pooling.choices.join(', ')}`;
    throw new CommandError('compare', `${rule} (nearest: ${closestMatch(each, FLAGS.pooling.choices)})`, each);
  }
  const convolutions = phc === undefined ? [undefined] : [undefined, phc];
  return choicesOf(strides, ';').flatMap((choice) =>
    convolutions.flatMap((n) =>
      poolings.map((each) => ({
        pooling: each,
        strides: choice,
        ...(n && { phc: n }),
        runs: Array.from({ length: count }, (_, seed) => ({
          name: [each, ...(n ? [`phc${n}`] : []), choice.replaceAll(',', '-'), `seed${seed}`].join('-'),
          flags: {
            ...others,
            pooling: each,
            strides: choice,
            seed: String(seed),
            ...(n && { conv: 'phc', n }),
          },
        })),
      })),
    ),
  );
}

/** Each once, without the blanks that people put behind commas: names of folders are made of them. */
function choicesOf(list: string, separator: string): string[] {
  return [...new Set(list.replaceAll(' ', '').split(separator))];
}
