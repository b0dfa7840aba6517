// Servers that misbehave, connections that break, and downloads that are taken up again.
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CifarDataError } from '../errors.ts';
import { madeData } from '../testing/made-data.ts';
import { type Answer, serveBytes, testServer } from '../testing/server.ts';
import { filesIn, officialAt, temporaryFolder, testSurroundings } from '../testing/setting.ts';
import { type LoadOptions, load } from './load.ts';

const made = await madeData({ side: 16, records: 20 });
const archive = made.officialArchive;

async function attempt(answer: Answer, options: LoadOptions = {}, cacheDir = temporaryFolder()) {
  const { url, requests, close } = await testServer(answer);
  onTestFinished(close);
  const manifest = officialAt(made.manifest, url);
  const loading = load(
    'loadCifar10',
    manifest,
    { source: ['cache', 'official'], cacheDir, ...options },
    testSurroundings(),
  );
  const [result] = await Promise.allSettled([loading]);
  const error = result.status === 'rejected' ? (result.reason as CifarDataError) : undefined;
  return { data: result.status === 'fulfilled' ? result.value : undefined, error, requests, cacheDir };
}

describe('answers', () => {
  it.each<[string, number, Answer, string, RegExp]>([
    ['403', 1, (_, r) => r.writeHead(403).end(), 'http-status', /must answer 200, got 403/],
    ['404', 1, (_, r) => r.writeHead(404).end('no'), 'http-status', /must answer 200, got 404/],
    ['500', 5, (_, r) => r.writeHead(500).end(), 'http-status', /must answer 200, got 500/],
    [
      'a page',
      1,
      (_, r) => r.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>'),
      'not-an-archive',
      /must be a tar.gz, got 'text\/html; charset=utf-8'/,
    ],
    [
      'a page that says it is none',
      1,
      (_, r) => r.end('<html>'.padEnd(archive.length)),
      'not-an-archive',
      /must be a tar.gz, got \[60, 104, 116, 109\]/,
    ],
    [
      'another length',
      1,
      (_, r) => r.writeHead(200, { 'content-length': 9 }).end('123456789'),
      'malformed',
      /must hold \d+ bytes, got 9/,
    ],
    ['nothing', 5, (_, r) => r.destroy(), 'network', /must be reachable, got '/],
  ])('%s', async (_, calls, answer, code, words) => {
    const { error, requests, cacheDir } = await attempt(answer);
    expect(error?.attempts.at(-1)?.error).toMatchObject({ name: 'CifarDataError', code });
    expect(error?.message).toMatch(words);
    expect(error?.message).toMatch(/To mend it:\n {2}- /);
    expect(requests).toHaveLength(calls);
    expect(filesIn(cacheDir)).toEqual([]);
  });

  it('a redirect to a page', async () => {
    const { error } = await attempt((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/login' }).end();
      else response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>');
    });
    expect(error?.message).toMatch(/\/login must be a tar.gz, got 'text\/html'/);
  });

  it('a redirect to the archive', async () => {
    const { data } = await attempt((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/there' }).end();
      else serveBytes(request, response, archive);
    });
    expect(data?.sources).toEqual(['official']);
  });

  it('other bytes of the right length', async () => {
    const wrong = archive.map((byte, i) => (i === 500 ? byte ^ 1 : byte));
    const { error, cacheDir } = await attempt((request, response) => serveBytes(request, response, wrong));
    expect(error?.attempts.at(-1)?.error).toMatchObject({ code: 'checksum' });
    expect(error?.message).toMatch(/md5 of .* must be [0-9a-f]{32}, got '[0-9a-f]{32}'/);
    expect(filesIn(cacheDir)).toEqual([]);
  });

  it('more than it promised', async () => {
    const { error } = await attempt((_, response) => response.end(Buffer.concat([archive, archive])));
    expect(error?.message).toMatch(/must hold \d+ bytes, got '?(at least )?\d+/);
  });

  it('no such host: it is asked once', async () => {
    let asked = 0;
    const network = {
      ...testSurroundings().network,
      fetch: () => {
        asked++;
        return Promise.reject(new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }));
      },
    };
    const options = { source: 'official', cacheDir: temporaryFolder() } as const;
    await expect(load('loadCifar10', made.manifest, options, testSurroundings({ network }))).rejects.toThrow(
      /ENOTFOUND/,
    );
    expect(asked).toBe(1);
  });

  it('silence', async () => {
    const { url, close } = await testServer(() => {});
    onTestFinished(close);
    const around = testSurroundings({ network: { ...testSurroundings().network, patience: 30 } });
    const options = { source: 'official', cacheDir: temporaryFolder() } as const;
    const loading = load('loadCifar10', officialAt(made.manifest, url), options, around);
    await expect(loading).rejects.toThrow(/must be reachable, got 'no answer in time'/);
  });
});

describe('a connection that breaks', () => {
  it.each([
    ['again and again', false],
    ['at a server that knows no ranges', true],
  ])('%s', async (_, ignoreRange) => {
    const { data, requests } = await attempt((request, response, count) =>
      serveBytes(
        request,
        response,
        archive,
        count < 3 ? { breakAfter: 4000 * (count + 1), ignoreRange } : { ignoreRange },
      ),
    );
    expect(data?.sources).toEqual(['official']);
    expect(requests.map(({ range }) => range !== undefined)).toEqual([false, true, true, true]);
  });

  it('and stays broken: what is there is kept, and taken up by the next load', async () => {
    const first = await attempt((request, response, count) =>
      count === 0 ? serveBytes(request, response, archive, { breakAfter: 9000 }) : response.destroy(),
    );
    expect(first.error?.attempts.at(-1)?.error).toMatchObject({ code: 'network' });
    expect(filesIn(first.cacheDir)).toEqual(['downloads/official.tar.gz.part']);
    const second = await attempt((request, response) => serveBytes(request, response, archive), {}, first.cacheDir);
    expect(second.data?.sources).toEqual(['official']);
    expect(second.requests.map(({ range }) => range)).toEqual(['bytes=9000-']);
    expect(readdirSync(join(first.cacheDir, 'downloads'))).toEqual([]);
  });
});

describe('a beginning that was left behind', () => {
  const leave = async (bytes: Uint8Array, name = 'official.tar.gz.part') => {
    const cacheDir = temporaryFolder();
    await mkdir(join(cacheDir, 'downloads'));
    writeFileSync(join(cacheDir, 'downloads', name), bytes);
    return cacheDir;
  };
  const serve: Answer = (request, response) => serveBytes(request, response, archive);

  it('and is wrong, is fetched again from nothing', async () => {
    const { data, requests } = await attempt(serve, {}, await leave(new Uint8Array(5000)));
    expect(data?.sources).toEqual(['official']);
    expect(requests.map(({ range }) => range)).toEqual(['bytes=5000-', undefined]);
  });

  it('and is too long, is fetched again from nothing', async () => {
    const { data, requests } = await attempt(serve, {}, await leave(Buffer.concat([archive, archive])));
    expect(data?.sources).toEqual(['official']);
    expect(requests.map(({ range }) => range)).toEqual([undefined]);
  });

  it('and is whole, needs no network', async () => {
    const { data, requests } = await attempt(serve, {}, await leave(archive));
    expect(data?.sources).toEqual(['official']);
    expect(requests).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['a page', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>')],
    ['another length', (_, response) => response.writeHead(200, { 'content-length': 9 }).end('123456789')],
    ['a server that holds less', (_, response) => response.writeHead(416).end()],
  ])('outlives %s', async (_, answer) => {
    const cacheDir = await leave(archive.subarray(0, 5000));
    const failed = await attempt(answer, {}, cacheDir);
    expect(failed.requests.map(({ range }) => range)).toEqual(['bytes=5000-', undefined]);
    expect(filesIn(cacheDir)).toEqual(['downloads/official.tar.gz.part']);
    const { data, requests } = await attempt(serve, {}, cacheDir);
    expect(data?.sources).toEqual(['official']);
    expect(requests.map(({ range }) => range)).toEqual(['bytes=5000-']);
  });

  it.each([
    ['that goes on from elsewhere', { 'content-range': `bytes 6000-${archive.length - 1}/${archive.length}` }],
    ['that goes on in another file', { 'content-range': 'bytes 5000-5008/5009' }],
  ])('is of use at a server %s', async (_, headers) => {
    const lying: Answer = (request, response) =>
      request.headers.range ? response.writeHead(206, headers).end('123456789') : response.end(archive);
    const { data, requests } = await attempt(lying, {}, await leave(archive.subarray(0, 5000)));
    expect(data?.sources).toEqual(['official']);
    expect(requests.map(({ range }) => range)).toEqual(['bytes=5000-', undefined]);
  });

  it('is not replaced by a shorter one', async () => {
    const cacheDir = temporaryFolder();
    const { data } = await attempt(
      async (request, response, count) => {
        if (count > 0) return response.destroy();
        // Another process gives up meanwhile, and has more of it.
        writeFileSync(join(cacheDir, 'downloads/official.tar.gz.part'), archive.subarray(0, 7000));
        serveBytes(request, response, archive, { breakAfter: 4000 });
      },
      {},
      cacheDir,
    );
    expect(data).toBeUndefined();
    expect(readdirSync(join(cacheDir, 'downloads'))).toEqual(['official.tar.gz.part']);
    expect(statSync(join(cacheDir, 'downloads/official.tar.gz.part')).size).toBe(7000);
  });

  it('by a process that lives, is left to it', async () => {
    // This machine's own name is not known here; another machine's process counts as alive until it has long been silent.
    const name = `official.tar.gz.00000000-1-0badcafe.part`;
    const { data, requests, cacheDir } = await attempt(serve, {}, await leave(archive.subarray(0, 100), name));
    expect(data?.sources).toEqual(['official']);
    expect(requests.map(({ range }) => range)).toEqual([undefined]);
    expect(filesIn(cacheDir)).toContain(`downloads/${name}`);
  });
});

it('stops when it is told to, with the reason given, and goes on later', async () => {
  const cacheDir = temporaryFolder();
  const controller = new AbortController();
  const reason = new Error('enough');
  const onProgress = ({ bytes }: { bytes: number }) => bytes > 5000 && controller.abort(reason);
  const slow: Answer = (request, response) => serveBytes(request, response, archive, { pause: 1, piece: 2000 });
  const { error } = await attempt(slow, { signal: controller.signal, onProgress }, cacheDir);
  expect(error).toBe(reason);
  expect(filesIn(cacheDir)).toEqual(['downloads/official.tar.gz.part']);
  const { data, requests } = await attempt((request, response) => serveBytes(request, response, archive), {}, cacheDir);
  expect(data?.sources).toEqual(['official']);
  expect(requests[0]?.range).toMatch(/^bytes=\d{4,}-$/);
  const before = AbortSignal.abort(reason);
  expect((await attempt(slow, { signal: before })).error).toBe(reason);
});

it('stopped while it unpacks, it unpacks the next time without a network', async () => {
  const cacheDir = temporaryFolder();
  const controller = new AbortController();
  const onProgress = ({ phase }: { phase: string }) => phase === 'unpack' && controller.abort();
  const serve: Answer = (request, response) => serveBytes(request, response, archive);
  const { error } = await attempt(serve, { signal: controller.signal, onProgress }, cacheDir);
  expect(error?.name).toBe('AbortError');
  expect(filesIn(cacheDir)).toEqual(['downloads/official.tar.gz.part']);
  const { data, requests } = await attempt(serve, {}, cacheDir);
  expect(data?.sources).toEqual(['official']);
  expect(requests).toEqual([]);
});
