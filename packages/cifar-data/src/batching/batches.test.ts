import { createHash } from 'node:crypto';
import { expectNamedError } from '@stridelab/test-kit';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { NORMALIZATIONS } from '../data/manifest.ts';
import type { Split } from '../data/split.ts';
import { syntheticCifar } from '../data/synthetic.ts';
import { CifarDataError } from '../errors.ts';
import { type Batch, batches, softLabels } from './batches.ts';
import { measureNormalization } from './normalization.ts';
import type { BatchOptions } from './options.ts';
import type { Draws } from './plan.ts';
import { splitValidation } from './split-validation.ts';

const { train } = syntheticCifar({ train: 50, test: 1, size: 8, seed: 4 });
const everything: BatchOptions = {
  batchSize: 8,
  seed: 3,
  epoch: 2,
  augment: { pad: 2, flip: true, mixup: { alpha: 0.4 } },
};

/** Pixel by pixel, as it is defined. */
function naive(split: Split, batch: Batch, { mean, std } = split.normalization): number[] {
  const { height, width } = split;
  const one = ({ indices, rows, columns, flips }: Draws, i: number, y: number, x: number, channel: number) => {
    const row = y + rows[i]!;
    const column = (flips[i] ? width - 1 - x : x) + columns[i]!;
    if (row < 0 || row >= height || column < 0 || column >= width) return 0;
    const byte = split.images[((indices[i]! * height + row) * width + column) * 3 + channel]!;
    return (byte / 255 - mean[channel]!) / std[channel]!;
  };
  const values: number[] = [];
  for (let i = 0; i < batch.size; i++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let channel = 0; channel < 3; channel++) {
          const weight = batch.weights?.[i] ?? 1;
          const first = one(batch.plan.first, i, y, x, channel);
          const second = batch.plan.second ? one(batch.plan.second, i, y, x, channel) : 0;
          values.push(weight * first + (1 - weight) * second);
        }
      }
    }
  }
  return values;
}

describe('values', () => {
  it.each<[string, BatchOptions]>([
    ['plain', {}],
    ['in order', { shuffle: false }],
    ['with flips', { augment: { flip: true } }],
    ['with crops', { augment: { pad: 3 } }],
    ['with all of the image cropped away', { augment: { pad: 8, flip: true } }],
    ['with permuted mixup', everything],
    [
      'with pairwise mixup',
      { ...everything, augment: { pad: 1, flip: true, mixup: { alpha: 0.2, partner: 'pairwise' } } },
    ],
  ])('%s', async (_, options) => {
    for (const batch of batches(train, { batchSize: 7, ...options })) {
      await expect(batch.images).toBeAllClose(naive(train, batch), { absolute: 1e-6 });
      expect([...batch.labels]).toEqual([...batch.plan.first.indices].map((index) => train.labels[index]));
      if (batch.plan.second) {
        expect([...batch.partnerLabels!]).toEqual([...batch.plan.second.indices].map((index) => train.labels[index]));
      }
    }
  });

  it('are normalized as asked', () => {
    const first = (normalize: BatchOptions['normalize']) =>
      batches(train, { shuffle: false, normalize: normalize! }).at(0).images[1]!;
    const byte = train.images[1]! / 255;
    expect(first('dataset')).toBeCloseTo((byte - 0.5) / 0.25, 6);
    expect(first('unit')).toBeCloseTo(byte, 6);
    expect(first('diffstride')).toBeCloseTo((byte - 0.4822) / 0.1994, 5);
    expect(first({ mean: [0, 1, 0], std: [1, 2, 1] })).toBeCloseTo((byte - 1) / 2, 6);
    expect(NORMALIZATIONS.diffstride.std).toEqual([0.2023, 0.1994, 0.201]);
    expect(NORMALIZATIONS.cifar10).toEqual({ mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] });
  });

  it('are the same on every machine, for ever', () => {
    const hash = createHash('sha256');
    for (const batch of batches(train, everything))
      hash.update(new Uint8Array(batch.images.buffer)).update(batch.labels);
    expect(hash.digest('hex')).toBe('9141c99a302ae204825d448a56556acaca423b1fffbcb2e4f8d258b7f8c482a5');
  });
});

describe('an epoch', () => {
  it('holds every image once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.boolean(), fc.nat(1000), (batchSize, dropRemainder, seed) => {
        const epoch = batches(train, { batchSize, dropRemainder, seed });
        const seen = [...epoch].flatMap(({ plan }) => [...plan.first.indices]);
        expect(seen).toHaveLength(epoch.imageCount);
        expect(new Set(seen).size).toBe(seen.length);
        expect(epoch.length).toBe(dropRemainder ? Math.floor(50 / batchSize) : Math.ceil(50 / batchSize));
        if (!dropRemainder) expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
      }),
    );
  });

  it('is half as long with pairwise mixup, and consumes two images for each one made', () => {
    const epoch = batches(train, { batchSize: 8, augment: { mixup: { alpha: 0.2, partner: 'pairwise' } } });
    expect([epoch.length, epoch.imageCount]).toEqual([4, 25]);
    const consumed = [...epoch].flatMap(({ plan }) => [...plan.first.indices, ...plan.second!.indices]);
    expect(new Set(consumed).size).toBe(50);
    const weights = [...epoch].flatMap((batch) => [...batch.weights!]);
    expect(new Set(weights).size).toBe(25);
  });

  it('mixes a batch with a permutation of itself, one weight for all', () => {
    for (const { plan, weights } of batches(train, everything)) {
      expect([...plan.second!.indices].sort()).toEqual([...plan.first.indices].sort());
      expect(new Set(weights).size).toBe(1);
    }
  });

  it('differs from the next one, from another seed, and not from itself', () => {
    const order = (options: BatchOptions) =>
      [...batches(train, options)].flatMap(({ plan }) => [...plan.first.indices]).join();
    const orders = [{}, { epoch: 1 }, { epoch: 2 }, { seed: 1 }, { seed: 1, epoch: 1 }, { shuffle: false }].map(order);
    expect(new Set(orders).size).toBe(6);
    expect(order({ seed: 1 })).toBe(orders[3]);
  });

  it('draws crops and flips evenly', () => {
    const plans = Array.from({ length: 60 }, (_, epoch) => batches(train, { ...everything, epoch }).at(0).plan);
    const rows = plans.flatMap(({ first }) => [...first.rows]);
    const flips = plans.flatMap(({ first }) => [...first.flips]);
    for (let row = -2; row <= 2; row++)
      expect(rows.filter((value) => value === row).length / 480).toBeCloseTo(0.2, 0.7);
    expect(new Set(rows).size).toBe(5);
    expect(Math.abs(flips.filter(Boolean).length - 240)).toBeLessThan(50);
  });
});

describe('any batch', () => {
  it('can be made again from its number alone', () => {
    const whole = [...batches(train, everything)];
    for (const index of [6, 0, 3, 3]) expect(batches(train, everything).at(index)).toEqual(whole[index]);
  });

  it('goes into an array that is there', async () => {
    const epoch = batches(train, everything);
    const into = new Float32Array(8 * 8 * 8 * 3).fill(Number.NaN);
    expect(epoch.at(2, into).images).toBe(into);
    expect(into).toEqual(epoch.at(2).images);
    await expectNamedError(
      () => epoch.at(6, into),
      CifarDataError,
      'cifar-data.batches: an array for batch 6 must hold 384 values, got 1536',
    );
  });
});

describe('made ahead', () => {
  it.each([0, 1, 3, 100])('by %d, the batches are the same, from any of them on', async (prefetch) => {
    const epoch = batches(train, { ...everything, prefetch });
    const ahead: Batch[] = [];
    for await (const batch of epoch) {
      ahead.push(batch);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(ahead).toEqual([...epoch]);
    const rest: number[] = [];
    for await (const { index } of epoch.from(5)) rest.push(index);
    expect(rest).toEqual([5, 6]);
  });

  it('they are made while the consumer waits, and no more of them than asked for', async () => {
    const { aheadOfTime } = await import('./ahead.ts');
    const made: number[] = [];
    const discarded: number[] = [];
    const make = (index: number) => {
      made.push(index);
      return index;
    };
    for await (const index of aheadOfTime(make, 0, 10, 2, (item) => discarded.push(item))) {
      await vi.waitFor(() => expect(made).toHaveLength(index + 3));
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(made).toHaveLength(index + 3);
      if (index === 4) break;
    }
    expect(discarded).toEqual([5, 6]);
  });
});

describe('labels', () => {
  it('are one-hot, or two classes by their weights', () => {
    expect([...softLabels({ labels: Uint8Array.of(1, 0) }, 3)]).toEqual([0, 1, 0, 1, 0, 0]);
    const mixed = {
      labels: Uint8Array.of(1, 2),
      partnerLabels: Uint8Array.of(0, 2),
      weights: Float32Array.of(0.75, 0.25),
    };
    expect([...softLabels(mixed, 3)]).toEqual([0.25, 0.75, 0, 0, 0, 1]);
  });

  it('are mixed by weights, one for each partner', async () => {
    const labels = Uint8Array.of(0, 1);
    const wrong = (batch: object, got: string) => {
      const rule = 'there must be 2 partnerLabels, and as many weights in [0, 1]';
      const message = `cifar-data.softLabels: ${rule}, got ${got}`;
      return expectNamedError(() => softLabels({ labels, ...batch }, 2), CifarDataError, message);
    };
    await wrong({ partnerLabels: labels }, '[[0, 1], undefined]');
    await wrong({ weights: Float32Array.of(1, 1) }, '[undefined, [1, 1]]');
    await wrong({ partnerLabels: labels, weights: Float32Array.of(1) }, '[[0, 1], [1]]');
    for (const weight of [5, Number.NaN]) {
      await wrong({ partnerLabels: labels, weights: Float32Array.of(0.5, weight) }, `[[0, 1], [0.5, ${weight}]]`);
    }
  });

  it('must name a class, so that none lands in the row of another image', async () => {
    const labels = Uint8Array.of(0, 1);
    const words = (label: number) => `cifar-data.softLabels: labels must be below 2, got ${label}`;
    await expectNamedError(() => softLabels({ labels: Uint8Array.of(2, 0) }, 2), CifarDataError, words(2));
    const partnerLabels = Uint8Array.of(0, 3);
    await expectNamedError(() => softLabels({ labels, partnerLabels }, 2), CifarDataError, words(3));
    const message = 'cifar-data.softLabels: labels must be a list of numbers, got undefined';
    await expectNamedError(() => softLabels(undefined as never, 2), CifarDataError, message);
  });
});

it.each<[BatchOptions, RegExp]>([
  [{ batchSize: 0 }, /^cifar-data.batches: batchSize must be a whole number >= 1, got 0$/],
  [{ seed: -1 }, /seed must be a whole number >= 0, got -1/],
  [{ epoch: 0.5 }, /epoch must be a whole number >= 0, got 0.5/],
  [{ prefetch: Number.NaN }, /prefetch must be a whole number >= 0, got NaN/],
  [64 as never, /options must be some of {batchSize, seed, .*, prefetch}, got 64$/],
  [{ batch: 8 } as never, /options must be some of .*, got {batch: 8}$/],
  [{ shuffle: 'no' as never }, /shuffle must be true or false, got 'no'/],
  [{ augment: true as never }, /augment must be some of {pad, crop, flip, mixup}, got true/],
  [{ augment: { padding: 4 } as never }, /augment must be some of {pad, crop, flip, mixup}, got {padding: 4}/],
  [{ augment: { flip: 'no' as never } }, /augment.flip must be true or false, got 'no'/],
  [{ augment: { pad: -1 } }, /augment.pad must be a whole number >= 0, got -1/],
  [{ augment: { pad: 9 } }, /augment.pad must not exceed the image, got 9/],
  [{ augment: { crop: true } }, /augment.crop needs augment.pad >= 1, got 0/],
  [{ augment: { mixup: { alpha: 0 } } }, /augment.mixup.alpha must be a finite number > 0, got 0/],
  [
    { augment: { mixup: { alpha: 1, partner: 'all' as 'pairwise' } } },
    /partner must be 'permuted' or 'pairwise', got 'all'/,
  ],
  [{ normalize: 'imagenet' as 'unit' }, /normalize must be 'dataset', .*, got 'imagenet'/],
  [{ normalize: { mean: [0, 0, 0], std: [1, 0, 1] } }, /std > 0, got \{mean: \[0, 0, 0\], std: \[1, 0, 1\]\}/],
])('refuses %j', async (options, words) => {
  await expectNamedError(() => batches(train, options), CifarDataError, words);
});

it('refuses what is no split, such as both at once', async () => {
  const both = syntheticCifar({ train: 8, test: 8 });
  const got =
    "split must be one, such as data.train, got ['name', 'train', 'test', 'classNames', 'sources', 'notices']";
  await expectNamedError(() => batches(both as never), CifarDataError, `cifar-data.batches: ${got}`);
  await expectNamedError(
    () => splitValidation(both as never, 2, 0),
    CifarDataError,
    `cifar-data.splitValidation: ${got}`,
  );
  await expectNamedError(() => measureNormalization(undefined as never), CifarDataError, /data.train, got undefined$/);
});

it('refuses a batch that there is not', async () => {
  for (const index of [-1, 7, 0.5]) {
    await expectNamedError(
      () => batches(train, everything).at(index),
      CifarDataError,
      /the number of a batch must be in \[0, 7\), got/,
    );
  }
});

it.each([-1, 8, 0.5, Number.NaN])(
  'refuses to go on from batch %s, and has nothing to do after the last',
  async (index) => {
    const epoch = batches(train, everything);
    await expectNamedError(
      () => epoch.from(index)[Symbol.asyncIterator]().next(),
      CifarDataError,
      `cifar-data.batches: the number of the batch to go on from must be in [0, 7], got ${index}`,
    );
    expect(await epoch.from(7)[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  },
);
