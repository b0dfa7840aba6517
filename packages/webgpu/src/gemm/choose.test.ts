import { afterEach, describe, expect, it } from 'vitest';
import { type Choice, choose, type Device, force, partLength, type Sizes, secondsOf } from './choose.ts';
import { bytesOf, COMMON_UNITS, layoutOf, nameOf, type Tier, threadsOf } from './tile.ts';
import { TILES } from './tuning.ts';

afterEach(() => force({}));

const SUBGROUPS_OF_32 = { min: 32, max: 32 };
const h200: Device = {
  abilities: {
    f16: true,
    subgroups: true,
    subgroupSizes: SUBGROUPS_OF_32,
    matrixUnits: COMMON_UNITS,
    storageBuffers: 16,
  },
  workgroupBytes: 49152,
  workgroupThreads: 1024,
};
const withAbilities = (change: Partial<Device['abilities']>): Device => ({
  ...h200,
  abilities: { ...h200.abilities, ...change },
});

function convolution(size: number, channels: number): Sizes {
  const [rows, inner] = [128 * size * size, 9 * channels];
  const bytes = 4 * (rows * channels + inner * channels);
  return { ...{ batch: 1, rows, columns: channels, inner }, a: 'inner', b: 'outer', bytes, divisible: true };
}

function filterGradient(size: number, channels: number): Sizes {
  const { rows, inner, columns, bytes } = convolution(size, channels);
  return { ...{ batch: 1, rows: inner, columns, inner: rows, bytes }, a: 'outer', b: 'outer', divisible: true };
}

const shown = ({ tier, tile: { rows, columns } }: Choice) => `${tier} ${rows}x${columns}`;

describe('on a chip with matrix units', () => {
  it.each([
    [32, 64, 'matrix 128x64'],
    [24, 128, 'matrix 128x128'],
    [16, 256, 'matrix 128x128'],
    [8, 512, 'matrix 128x128'],
  ])('a convolution of %i x %i x its channels %i', (size, channels, expected) => {
    const choice = choose(convolution(size, channels), 'fast', h200);
    expect(shown(choice)).toBe(expected);
    expect(choice.parts).toBe(1);
  });

  it('gives every core work where a result has few tiles, and no more', () => {
    const { parts, tile } = choose(filterGradient(32, 64), 'fast', h200);
    const tiles = Math.ceil(576 / tile.rows) * Math.ceil(64 / tile.columns);
    expect(tiles * parts).toBeGreaterThan(132);
    expect(tiles * parts).toBeLessThan(8 * 132);
    expect(choose({ ...filterGradient(32, 64), divisible: false }, 'fast', h200).parts).toBe(1);
  });

  it('the thin products of spectral layers, by a tile no wider than they are', () => {
    const thin = { batch: 128 * 24, rows: 24, columns: 128, inner: 32, bytes: 50e6, divisible: true } as const;
    const { tile, parts } = choose({ ...thin, a: 'inner', b: 'outer' }, 'fast', h200);
    expect([tile.rows, tile.columns, parts]).toEqual([32, 128, 1]);
    const alike = choose({ ...thin, a: 'inner', b: 'outer' }, 'exact', h200);
    expect([alike.tier, alike.tile.rows]).toEqual(['plain', 32]);
  });

  it('little work by float32, which needs no scales', () => {
    const little: Sizes = { ...convolution(8, 512), rows: 128, columns: 10, inner: 512, bytes: 3e5 };
    expect(choose(little, 'fast', h200).tier).toBe('plain');
  });

  it("'exact' by float32 arithmetic, until it is known that splitting is faster", () => {
    expect(choose(convolution(16, 256), 'exact', h200).tier).toBe('plain');
  });
});

it.each([
  ['no matrix units', { matrixUnits: undefined }],
  ['small ones, for which tiles are not made', { matrixUnits: { side: 8, lanes: 32 } }],
] as [string, Partial<Device['abilities']>][])('%s: not by matrix units', (_, change) => {
  expect(choose(convolution(16, 256), 'fast', withAbilities(change)).tier).not.toBe('matrix');
});

it('takes subgroups of any size that is known, and as many threads as their subgroups have', () => {
  const sizes = convolution(16, 256);
  const [narrow, usual, wide] = [16, 32, 64].map((lanes) => {
    const choice = choose(sizes, 'fast', withAbilities({ matrixUnits: { side: 16, lanes } }));
    expect(choice.tier).toBe('matrix');
    return threadsOf(choice.tier, choice.tile, choice.matrixUnits);
  });
  expect([narrow, wide]).toEqual([usual! / 2, usual! * 2]);
});

it('leaves tiles alone that a device has no room for', () => {
  const small = { ...h200, workgroupBytes: 16384, workgroupThreads: 256 };
  for (const device of [small, { ...small, abilities: withAbilities({ matrixUnits: undefined }).abilities }]) {
    const sizes = convolution(16, 256);
    const { tier, tile, matrixUnits, split } = choose(sizes, 'fast', device);
    expect(bytesOf(tier, tile, { a: sizes.a, b: sizes.b, split }, matrixUnits)).toBeLessThanOrEqual(16384);
    expect(threadsOf(tier, tile, matrixUnits)).toBeLessThanOrEqual(256);
  }
});

it('shares rows within subgroups alone that have rows of their own', () => {
  force({ tier: 'subgroups', tile: { rows: 16, columns: 32, depth: 8, own: [4, 4], buffers: 1 } });
  const sizes = convolution(16, 256);
  expect(() => choose(sizes, 'fast', h200)).toThrow('no tile fits');
  const narrow = withAbilities({ subgroupSizes: { min: 4, max: 8 } });
  expect(choose(sizes, 'fast', narrow).tier).toBe('subgroups');
});

it('is told what to choose by a test', () => {
  const tile = { rows: 16, columns: 16, depth: 8, own: [4, 4], buffers: 1 } as const;
  force({ tier: 'plain', tile, parts: 3 });
  expect(choose(convolution(16, 256), 'fast', h200)).toMatchObject({ tier: 'plain', tile, parts: 3 });
});

it('takes longer for more', () => {
  const choice = { tier: 'matrix', tile: TILES.matrix[0]!, parts: 1, split: false } as const;
  const time = secondsOf(convolution(16, 256), choice);
  expect(secondsOf(convolution(32, 256), choice)).toBeGreaterThan(3 * time);
  expect(secondsOf(convolution(16, 256), { ...choice, split: true })).toBeGreaterThan(2 * time);
});

it('cuts the inner axis into whole steps', () => {
  const tile = TILES.matrix[0]!;
  expect(partLength(100, tile, 1)).toBe(128);
  expect(partLength(100, tile, 2)).toBe(64);
  expect(partLength(1, tile, 4)).toBe(32);
});

/** Workgroup memory of each tile, operands as a convolution's forward pass has them, so that a change is seen. */
it('needs this much workgroup memory', () => {
  const bytes = (tier: Tier, split: boolean) =>
    Object.fromEntries(
      TILES[tier].map((tile) => [nameOf(tile), bytesOf(tier, tile, { a: 'inner', b: 'outer', split }, COMMON_UNITS)]),
    );
  expect(bytes('matrix', false)).toMatchInlineSnapshot(`
    {
      "128x128x16/64x32": 19456,
      "128x128x32/64x32 twice": 49152,
      "128x32x32/32x32": 16896,
      "128x64x32/32x32 twice": 38912,
      "32x128x32/32x32": 16896,
      "32x64x32/16x32": 11776,
      "64x128x32/32x32 twice": 38912,
      "64x64x16/32x32": 9728,
      "64x64x32/32x32 twice": 24576,
    }
  `);
  expect(bytes('matrix', true)).toMatchInlineSnapshot(`
    {
      "128x128x16/64x32": 30720,
      "128x128x32/64x32 twice": 90112,
      "128x32x32/32x32": 29696,
      "128x64x32/32x32 twice": 69632,
      "32x128x32/32x32": 29696,
      "32x64x32/16x32": 19456,
      "64x128x32/32x32 twice": 69632,
      "64x64x16/32x32": 15360,
      "64x64x32/32x32 twice": 45056,
    }
  `);
  expect(bytes('plain', false)).toMatchInlineSnapshot(`
    {
      "128x128x16/8x8": 18688,
      "128x32x16/4x4": 12544,
      "128x64x16/8x4": 14592,
      "16x64x16/4x4": 5632,
      "32x128x16/4x4": 11008,
      "32x32x16/4x4": 4864,
      "64x64x16/4x4": 9472,
    }
  `);
});

it('lines of a tile start in different banks', () => {
  for (const tier of ['matrix', 'plain'] as const) {
    for (const tile of TILES[tier]) {
      for (const contiguous of ['inner', 'outer'] as const) {
        const { stride } = layoutOf(tier, tile, 'A', { contiguous });
        const bytes = stride * (tier === 'matrix' ? 8 : 16);
        expect((bytes / 16) % 2, nameOf(tile)).toBe(1);
      }
    }
  }
});
