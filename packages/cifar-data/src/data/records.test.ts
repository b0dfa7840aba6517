import { expectNamedError } from '@stridelab/test-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CifarDataError } from '../errors.ts';
import { madeData } from '../testing/made-data.ts';
import { CIFAR10, CIFAR100, fileBytes } from './manifest.ts';
import { decodeRecords, encodeRecords } from './records.ts';

const target = (records: number, imageBytes: number, coarse = false) => ({
  images: new Uint8Array(records * imageBytes),
  labels: new Uint8Array(records),
  coarseLabels: coarse ? new Uint8Array(records) : undefined,
});

it('knows the lengths of the official files', () => {
  expect(CIFAR10.files.map((file) => fileBytes(CIFAR10, file))).toEqual(Array(6).fill(30_730_000));
  expect(CIFAR100.files.map((file) => fileBytes(CIFAR100, file))).toEqual([153_700_000, 30_740_000]);
});

it('turns planes into pixels', () => {
  const manifest = { ...CIFAR10, height: 1, width: 2 };
  const file = { ...CIFAR10.files[0]!, records: 2 };
  const bytes = Uint8Array.of(7, 1, 2, 3, 4, 5, 6, 9, 10, 20, 30, 40, 50, 60);
  const got = target(2, 6);
  decodeRecords(manifest, file, bytes, got);
  expect([...got.labels]).toEqual([7, 9]);
  expect([...got.images]).toEqual([1, 3, 5, 2, 4, 6, 10, 30, 50, 20, 40, 60]);
});

it('reads the coarse label first, as CIFAR-100 has it', () => {
  const manifest = { ...CIFAR100, height: 1, width: 1 };
  const file = { ...CIFAR100.files[0]!, records: 1 };
  const got = target(1, 3, true);
  decodeRecords(manifest, file, Uint8Array.of(19, 99, 1, 2, 3), got);
  expect([got.coarseLabels?.[0], got.labels[0], ...got.images]).toEqual([19, 99, 1, 2, 3]);
});

describe.each([false, true])('with coarse labels: %s', (coarse) => {
  it('gives back what it took apart, whatever the size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer(),
        async (side, records, seed) => {
          const { manifest, files, pixels } = await madeData({ side, records, coarse, seed: seed >>> 0 });
          const file = manifest.files[0]!;
          const got = target(records, side * side * 3, coarse);
          decodeRecords(manifest, file, files.get(file.name)!, got);
          expect(got.images).toEqual(pixels.get(file.name));
          expect(encodeRecords(manifest, file, got)).toEqual(files.get(file.name));
        },
      ),
      { numRuns: 30 },
    );
  });
});

it('refuses a wrong length and a label that names no class', async () => {
  const { manifest, files } = await madeData({ side: 2, records: 3 });
  const file = manifest.files[0]!;
  const bytes = files.get(file.name)!;
  const decode = (changed: Uint8Array) => () => decodeRecords(manifest, file, changed, target(3, 12));
  await expectNamedError(
    decode(bytes.subarray(0, 38)),
    CifarDataError,
    'cifar-data.decodeRecords: data_batch_1.bin must hold 39 bytes, got 38',
  );
  await expectNamedError(decode(new Uint8Array(40)), CifarDataError, /must hold 39 bytes, got 40/);
  const wrong = bytes.slice();
  wrong[13] = 10;
  await expectNamedError(
    decode(wrong),
    CifarDataError,
    'cifar-data.checkLabels: label 1 of data_batch_1.bin must be a whole number in [0, 10), got 10',
  );
});

it('never does anything but decode or refuse', () => {
  const manifest = { ...CIFAR10, height: 2, width: 2 };
  const file = { ...CIFAR10.files[0]!, records: 2 };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        decodeRecords(manifest, file, bytes, target(2, 12));
        expect(bytes.length).toBe(26);
      } catch (error) {
        expect(error).toBeInstanceOf(CifarDataError);
      }
    }),
  );
});
