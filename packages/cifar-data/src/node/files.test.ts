// Disks that fail.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CifarDataError } from '../errors.ts';
import { type Fault, faultyFiles } from '../testing/faulty-files.ts';
import { madeData } from '../testing/made-data.ts';
import { serveBytes, testServer } from '../testing/server.ts';
import { filesIn, officialAt, temporaryFolder, testSurroundings } from '../testing/setting.ts';
import { nodeFiles, writeAtomically } from './files.ts';
import { load } from './load.ts';

const made = await madeData({ side: 8, records: 8 });

async function attempt(fault: Fault, cacheDir = temporaryFolder()) {
  const { url, close } = await testServer((request, response) => serveBytes(request, response, made.officialArchive));
  onTestFinished(close);
  const files = faultyFiles(fault);
  const manifest = officialAt(made.manifest, url);
  const options = { source: ['cache', 'official'], cacheDir } as const;
  const [result] = await Promise.allSettled([load('loadCifar10', manifest, options, testSurroundings({ files }))]);
  const error = result.status === 'rejected' ? (result.reason as CifarDataError) : undefined;
  return { data: result.status === 'fulfilled' ? result.value : undefined, error, cacheDir, files, manifest };
}

it('says that the disk is full, and gives the room back', async () => {
  const { error, cacheDir } = await attempt((operation) => (operation === 'write' ? 'ENOSPC' : undefined));
  expect(error?.attempts.at(-1)?.error).toMatchObject({ name: 'CifarDataError', code: 'disk-full' });
  expect(error?.message).toMatch(/the disk must have room for .*official.tar.gz.*, got 'ENOSPC'/);
  expect(error?.message).toMatch(/free 400 MB there, or name another folder .* STRIDELAB_CIFAR_CACHE/);
  expect(filesIn(cacheDir)).toEqual([]);
});

it('says that it may not write there', async () => {
  const { error } = await attempt((operation) => (operation === 'mkdir' ? 'EACCES' : undefined));
  expect(error?.attempts.at(-1)?.error).toMatchObject({ code: 'cache-write', got: 'EACCES' });
});

it('gives the data all the same when the disk is full only afterwards, says so, and keeps the archive', async () => {
  const { data, cacheDir, manifest } = await attempt((operation, path) =>
    operation === 'write' && path.includes('.bin') ? 'ENOSPC' : undefined,
  );
  expect(data?.sources).toEqual(['official']);
  expect(data?.notices.map(({ error }) => (error as CifarDataError).code)).toEqual(['not-found', 'disk-full']);
  expect(filesIn(cacheDir)).toEqual([expect.stringMatching(/^downloads\/official.tar.gz.*part$/)]);
  const again = await load('loadCifar10', manifest, { source: ['cache', 'official'], cacheDir }, testSurroundings());
  expect(again.train.images).toEqual(data?.train.images);
});

describe('whatever operation fails, with whatever error', () => {
  it('the next load has its data, and no file was ever wrong under its name', async () => {
    const { files } = await attempt(() => undefined);
    const count = files.operations.length;
    expect(count).toBeGreaterThan(30);
    for (let failing = 0; failing < count; failing++) {
      const code = ['ENOSPC', 'EIO', 'EACCES'][failing % 3]!;
      const { data, error, cacheDir, manifest } = await attempt((_, __, index) =>
        index === failing ? code : undefined,
      );
      if (!data) expect(error).toMatchObject({ name: 'CifarDataError', code: 'no-source' });
      for (const [name, bytes] of made.files) {
        const there = filesIn(cacheDir).includes(`cifar-10/${name}`);
        if (there) expect(readFileSync(join(cacheDir, 'cifar-10', name))).toEqual(Buffer.from(bytes));
      }
      const again = await load(
        'loadCifar10',
        manifest,
        { source: ['cache', 'official'], cacheDir },
        testSurroundings(),
      );
      expect(again.train.count).toBe(16);
      expect(filesIn(cacheDir).filter((name) => name.startsWith('cifar-10/'))).toHaveLength(3);
    }
  });
});

it('leaves what was there when it cannot write anew', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.bin');
  writeFileSync(path, 'old');
  for (const step of ['open', 'write', 'sync', 'rename'] as const) {
    const files = faultyFiles((operation) => (operation === step ? 'EIO' : undefined));
    await expect(writeAtomically(files, path, new Uint8Array(10))).rejects.toMatchObject({
      code: 'cache-write',
      got: 'EIO',
    });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(filesIn(folder)).toEqual(['a.bin']);
  }
});

it('flushes a file to the disk before it gives it its name', async () => {
  const files = faultyFiles(() => undefined);
  const path = join(temporaryFolder(), 'sub', 'a.bin');
  await writeAtomically(files, path, new Uint8Array(10));
  const order = files.operations.map((line) => line.split(' ')[0]);
  expect(order).toEqual(['mkdir', 'open', 'write', 'sync', 'rename', 'open', 'sync']);
});

it('removes what dead processes left, and nothing of the living', async () => {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const { ownName } = await import('./files.ts');
  const mine = ownName(join(folder, 'a.bin'));
  const dead = mine.replace(`-${process.pid}-`, '-4194999-');
  const foreign = mine.replace(/\.[0-9a-f]{8}-/, '.00000000-');
  for (const path of [mine, dead, foreign]) writeFileSync(path, 'half');
  await writeAtomically(nodeFiles, join(folder, 'a.bin'), new Uint8Array(1));
  const left = filesIn(folder).map((name) => join(folder, name));
  expect(left.sort()).toEqual([join(folder, 'a.bin'), mine, foreign].sort());
});
