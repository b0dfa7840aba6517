import { deflateSync } from 'node:zlib';
import { expectNamedError } from '@stridelab/test-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CifarDataError } from '../errors.ts';
import { nodeInflate } from '../node/inflate.ts';
import { encodePng, pngChunk } from '../testing/made-data.ts';
import { type Inflate, webInflate } from './inflate.ts';
import { decodePng } from './png.ts';

const decodeBy = (inflate: Inflate) => async (png: Uint8Array, width: number, height: number) => {
  const target = new Uint8Array(width * height * 3);
  await decodePng('a.png', png, { width, height }, target, inflate);
  return target;
};

const image = fc
  .record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) })
  .chain(({ width, height }) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      pixels: fc.uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 }),
      filters: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: height, maxLength: height }),
    }),
  );

describe.each([
  ['DecompressionStream', webInflate],
  ['node:zlib', nodeInflate],
])('by %s', (_, inflate) => {
  const decode = decodeBy(inflate);

  it('decodes every filter in every order', async () => {
    await fc.assert(
      fc.asyncProperty(image, async ({ width, height, pixels, filters }) => {
        const png = encodePng(pixels, width, height, (row) => filters[row]!);
        expect(await decode(png, width, height)).toEqual(pixels);
      }),
      { numRuns: 300 },
    );
  });

  describe('refuses', () => {
    const pixels = Uint8Array.from({ length: 4 * 3 * 3 }, (_, i) => i);
    const good = encodePng(pixels, 4, 3);
    const withData = (data: Uint8Array) => {
      const header = good.subarray(0, 33);
      return new Uint8Array(Buffer.concat([header, pngChunk('IDAT', data), pngChunk('IEND', new Uint8Array(0))]));
    };

    it.each<[string, Uint8Array, RegExp]>([
      ['what is no PNG', new TextEncoder().encode('<html>'), /a.png must begin with a PNG signature, got \[60, 104/],
      ['nothing', new Uint8Array(0), /must begin with a PNG signature, got \[\]/],
      ['a missing end', good.subarray(0, -12), /must hold IHDR, IDAT and IEND/],
      ['a cut chunk', good.subarray(0, good.length - 20), /must hold IHDR, IDAT and IEND/],
      [
        'another size',
        encodePng(pixels, 3, 4),
        /must be 4 x 3, 8-bit RGB, not interlaced: .*, got \[3, 4, 8, 2, 0, 0, 0\]/,
      ],
      ['another kind', good.map((byte, i) => (i === 25 ? 6 : byte)), /got \[4, 3, 8, 6, 0, 0, 0\]/],
      ['an unknown filter', encodePng(pixels, 4, 3, () => 5), /row 0 of a.png must have a filter in \[0, 4\], got 5/],
      ['a broken stream', withData(Uint8Array.of(1, 2, 3, 4)), /must hold an intact zlib stream/],
      ['too few rows', withData(deflateSync(new Uint8Array(12))), /must inflate to 39 bytes, got 12/],
      ['a stream that swells', withData(deflateSync(new Uint8Array(1e7))), /must inflate to 39 bytes, got \d+/],
      ['a cut stream', withData(deflateSync(new Uint8Array(39)).subarray(0, 8)), /must (hold an intact|inflate to)/],
    ])('%s', async (_, png, words) => {
      await expectNamedError(() => decode(png, 4, 3), CifarDataError, words);
    });

    it('or decodes any damage', async () => {
      const damage = fc.record({
        at: fc.nat(good.length - 1),
        bits: fc.integer({ min: 1, max: 255 }),
        cut: fc.nat(good.length),
      });
      await fc.assert(
        fc.asyncProperty(damage, async ({ at, bits, cut }) => {
          const png = good.slice(0, cut % 2 === 0 ? good.length : cut);
          if (at < png.length) png[at]! ^= bits;
          await decode(png, 4, 3).catch((error) => expect(error).toBeInstanceOf(CifarDataError));
        }),
        { numRuns: 500 },
      );
    });
  });
});
