// A data set as small as a test wants it, in every form that the real one has.
import { createHash } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { randomFor } from '../batching/random.ts';
import { type BatchFile, type Manifest, NORMALIZATIONS } from '../data/manifest.ts';
import { encodeRecords } from '../data/records.ts';

export interface MadeData {
  manifest: Manifest;
  /** Official files by name. */
  files: Map<string, Uint8Array<ArrayBuffer>>;
  /** Pixels (height, width, 3 each) by file name. */
  pixels: Map<string, Uint8Array>;
  officialArchive: Uint8Array<ArrayBuffer>;
  /** The files of the npm package by name. */
  npmFiles: Map<string, Uint8Array>;
  npmArchive: Uint8Array<ArrayBuffer>;
}

interface Shape {
  side?: number;
  records?: number;
  batches?: number;
  coarse?: boolean;
  seed?: number;
}

/** `batches` training files and one test file of `records` images each. */
export async function madeData(shape: Shape = {}): Promise<MadeData> {
  const { side = 4, records = 5, batches = 2, coarse = false, seed = 1 } = shape;
  const names = [...Array.from({ length: batches }, (_, i) => `data_batch_${i + 1}`), 'test_batch'];
  const random = randomFor(seed);
  const bytesOf = (count: number, below: number) => Uint8Array.from({ length: count }, () => random.below(below));
  const classNames = Array.from({ length: 10 }, (_, i) => `class ${i}`);
  const plain = {
    name: coarse ? 'cifar-100' : 'cifar-10',
    height: side,
    width: side,
    labelBytes: coarse ? 2 : 1,
    classNames,
    ...(coarse && { coarseClassNames: classNames.slice(0, 3) }),
    normalization: NORMALIZATIONS.cifar10,
  } as const;
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const pixels = new Map<string, Uint8Array>();
  const listed: BatchFile[] = [];
  const labelLists = { train: [] as number[], test: [] as number[] };
  for (const name of names) {
    const split = name === 'test_batch' ? 'test' : 'train';
    const file = { name: `${name}.bin`, split, records, sha256: '' } as const;
    const labels = bytesOf(records, 10);
    const images = bytesOf(records * side * side * 3, 256);
    const coarseLabels = coarse ? bytesOf(records, 3) : undefined;
    const bytes = encodeRecords({ ...plain, files: [] } as unknown as Manifest, file, { images, labels, coarseLabels });
    files.set(file.name, bytes);
    pixels.set(file.name, images);
    labelLists[split].push(...labels);
    listed.push({ ...file, sha256: hash('sha256', bytes) });
  }
  const officialArchive = await tarGz([...files].map(([name, bytes]) => [`cifar-binary/${name}`, bytes]));
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const npmFiles = new Map([
    ['package.json', json({ name: 'made-cifar' })],
    ...names.map((name) => [`${name}.png`, encodePng(pixels.get(`${name}.bin`)!, side * side, records)] as const),
    ['train_lables.json', json(labelLists.train)],
    ['test_lables.json', json(labelLists.test)],
  ]);
  const npmArchive = await tarGz([...npmFiles].map(([name, bytes]) => [`package/${name}`, bytes]));
  const manifest: Manifest = {
    ...plain,
    files: listed,
    official: {
      url: 'https://official.invalid/official.tar.gz',
      fileName: 'official.tar.gz',
      bytes: officialArchive.length,
      digest: { algorithm: 'md5', hex: hash('md5', officialArchive) },
    },
    npm: {
      packageName: 'made-cifar',
      version: '1.0.0',
      fileName: 'made-cifar-1.0.0.tgz',
      bytes: npmArchive.length,
      digest: { algorithm: 'sha512', hex: hash('sha512', npmArchive) },
      batches: names.map((name, i) => ({
        png: `package/${name}.png`,
        batch: `${name}.bin`,
        labels: name === 'test_batch' ? 'package/test_lables.json' : 'package/train_lables.json',
        firstLabel: name === 'test_batch' ? 0 : i * records,
      })),
    },
  };
  return { manifest, files, pixels, officialArchive, npmFiles, npmArchive };
}

export function hash(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

export async function tarGz(entries: readonly (readonly [string, Uint8Array])[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(gzipSync(await tar(entries)));
}

export async function tar(entries: readonly (readonly [string, Uint8Array])[]): Promise<Uint8Array<ArrayBuffer>> {
  return packTar(entries.map(([name, body]) => ({ header: { name, size: body.length }, body })));
}

/** 8-bit RGB; row r is stored with filter `filters(r)`. */
export function encodePng(pixels: Uint8Array, width: number, height: number, filters = (row: number) => row % 5) {
  const stride = width * 3;
  const rows = new Uint8Array(height * (stride + 1));
  const at = (row: number, i: number) => (row < 0 || i < 0 ? 0 : pixels[row * stride + i]!);
  for (let row = 0; row < height; row++) {
    const filter = filters(row);
    rows[row * (stride + 1)] = filter;
    for (let i = 0; i < stride; i++) {
      const [a, b, c] = [at(row, i - 3), at(row - 1, i), i < 3 ? 0 : at(row - 1, i - 3)];
      const paeth = [a, b, c].sort((x, y) => Math.abs(a + b - c - x) - Math.abs(a + b - c - y))[0]!;
      const predicted = [0, a, b, Math.floor((a + b) / 2), paeth][filter] ?? 0;
      rows[row * (stride + 1) + 1 + i] = at(row, i) - predicted;
    }
  }
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header.set([8, 2, 0, 0, 0], 8);
  const data = deflateSync(rows);
  const half = data.length >> 1;
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const pieces = [
    ['IHDR', header],
    ['tEXt', new TextEncoder().encode('made=here')],
    ['IDAT', data.subarray(0, half)],
    ['IDAT', data.subarray(half)],
    ['IEND', new Uint8Array(0)],
  ] as const;
  return new Uint8Array(Buffer.concat([signature, ...pieces.map(([type, body]) => pngChunk(type, body))]));
}

/** Its CRC is left at 0: the decoder does not look at it. */
export function pngChunk(type: string, body: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + body.length);
  new DataView(chunk.buffer).setUint32(0, body.length);
  chunk.set(new TextEncoder().encode(type), 4);
  chunk.set(body, 8);
  return chunk;
}
