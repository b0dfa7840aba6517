import { expectNamedError } from '@stridelab/test-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CifarDataError } from '../errors.ts';
import { tar } from '../testing/made-data.ts';
import { tarFiles } from './tar.ts';

const text = (words: string) => new TextEncoder().encode(words);

async function* inPieces(bytes: Uint8Array<ArrayBuffer>, piece: number) {
  for (let position = 0; position < bytes.length; position += piece) yield bytes.slice(position, position + piece);
}

async function read(bytes: Uint8Array<ArrayBuffer>, wanted: (name: string) => boolean = () => true, piece = 700) {
  const found: Record<string, string> = {};
  for await (const file of tarFiles('a.tar.gz', inPieces(bytes, piece))) {
    if (wanted(file.name)) found[file.name] = new TextDecoder().decode(await file.read());
  }
  return found;
}

it.each([1, 100, 512, 5000, 1e6])('reads files that come in pieces of %d bytes', async (piece) => {
  const files = [
    ['a/one', text('1'.repeat(3000))],
    ['a/empty', new Uint8Array(0)],
    ['a/two', text('2'.repeat(512))],
  ] as const;
  const archive = await tar(files);
  expect(await read(archive, undefined, piece)).toEqual({
    'a/one': '1'.repeat(3000),
    'a/empty': '',
    'a/two': '2'.repeat(512),
  });
  expect(await read(archive, (name) => name === 'a/two', piece)).toEqual({ 'a/two': '2'.repeat(512) });
});

it('can be left before the end', async () => {
  const archive = await tar(Array.from({ length: 20 }, (_, i) => [`f${i}`, new Uint8Array(9000)] as const));
  const pieces = inPieces(archive, 1000);
  let closed = false;
  async function* source() {
    try {
      yield* pieces;
    } finally {
      closed = true;
    }
  }
  const met: string[] = [];
  for await (const file of tarFiles('a', source())) {
    met.push(file.name);
    if (file.name === 'f3') break;
  }
  expect(met).toEqual(['f0', 'f1', 'f2', 'f3']);
  await expect.poll(() => closed).toBe(true);
});

describe('refuses', () => {
  it.each([
    '../evil.bin',
    'a/../../evil',
    '/etc/passwd',
    'C:\\evil',
    'a\\..\\..\\evil',
    `${'deep/'.repeat(40)}../../x`,
  ])('the path %s', async (path) => {
    const archive = await tar([
      [path, text('evil')],
      ['good', text('good')],
    ]);
    const error = await read(archive).catch((thrown) => thrown);
    expect(error).toMatchObject({ name: 'CifarDataError', code: 'unsafe-path', got: path });
    expect(error.message).toMatch(
      /^cifar-data.readArchive: every path in a.tar.gz must stay inside of its folder, got '/,
    );
  });

  it('what is no archive, and one that ends too early', async () => {
    const archive = await tar([['a', new Uint8Array(2000)]]);
    const page = new Uint8Array(text('<html>'.repeat(500)));
    for (const bytes of [page, archive.slice(0, 1000), archive.slice(0, 600), archive.slice(0, 2560)]) {
      await expectNamedError(() => read(bytes), CifarDataError, /a.tar.gz must be an intact tar.gz, got '/);
    }
  });

  it('a header that claims more than any memory holds', async () => {
    const archive = await tar([['a', new Uint8Array(10)]]);
    archive.set(text('77777777777'), 124);
    archive.fill(32, 148, 156);
    const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    archive.set(text(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    await expectNamedError(() => read(archive), CifarDataError, /may be larger than|must be an intact/);
  });

  it('or reads any damage, and never hangs', async () => {
    const archive = await tar([
      ['a/one', text('1'.repeat(700))],
      ['a/two', text('2'.repeat(300))],
    ]);
    const edits = fc.array(fc.record({ at: fc.nat(archive.length - 1), byte: fc.nat(255) }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(edits, fc.nat(archive.length), async (changes, cut) => {
        const bytes = archive.slice(0, cut % 3 === 0 ? cut : archive.length);
        for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
        await read(bytes).catch((error) => expect(error).toBeInstanceOf(CifarDataError));
      }),
      { numRuns: 400 },
    );
  });

  it('or reads any bytes at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
        await read(new Uint8Array(bytes)).catch((error) => expect(error).toBeInstanceOf(CifarDataError));
      }),
      { numRuns: 200 },
    );
  });
});
