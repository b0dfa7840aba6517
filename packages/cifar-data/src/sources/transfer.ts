// One file over HTTP as an unbroken run of bytes: a connection that breaks is taken up again where it broke.
import type { Archive } from '../data/manifest.ts';
import { CifarDataError } from '../errors.ts';
import { chunksOf } from '../formats/inflate.ts';

export interface Network {
  fetch: typeof fetch;
  /** Milliseconds before the first retry; doubled for each one after it. */
  retryDelay: number;
  /** A connection that says nothing for so many milliseconds counts as broken. */
  patience: number;
}

export const NETWORK: Network = { fetch: (...args) => fetch(...args), retryDelay: 500, patience: 30_000 };

const RETRIES = 4;

/** There is no such host, or nobody at home: the next source is worth more than another try. */
const HOPELESS: readonly unknown[] = ['ENOTFOUND', 'ECONNREFUSED'];

interface Request {
  url: string;
  archive: Archive;
  /** Bytes that are there already. */
  start?: number;
  network: Network;
  signal?: AbortSignal | undefined;
}

/** The bytes of an archive from `start` to its end. */
export async function* transfer({ url, archive, start = 0, network, signal }: Request) {
  let position = start;
  let ranges = true;
  for (let attempt = 0; position < archive.bytes; attempt++) {
    const asked = ranges ? position : 0;
    const broken = new AbortController();
    const both = AbortSignal.any(signal ? [signal, broken.signal] : [broken.signal]);
    let timer = setTimeout(() => broken.abort(), network.patience);
    try {
      const { body, begins } = await request(url, archive, asked, network, both);
      let at = begins;
      for await (const whole of body) {
        clearTimeout(timer);
        timer = setTimeout(() => broken.abort(), network.patience);
        if (at === 0 && whole.length > 0) checkGzip(url, whole);
        const chunk = whole.subarray(Math.min(position - at, whole.length));
        at += whole.length;
        if (chunk.length === 0) continue;
        if (at > archive.bytes) throw wrongLength(url, archive, `at least ${at}`);
        position = at;
        attempt = 0;
        yield chunk;
      }
      if (position < archive.bytes) throw networkError(url, `the connection ended after ${position} bytes`);
    } catch (error) {
      signal?.throwIfAborted();
      const problem =
        error instanceof CifarDataError ? error : networkError(url, describe(error, broken.signal), error);
      // A server that cannot go on where it is asked to may yet give the whole; what is there already is skipped then.
      const unfit = problem.code === 'malformed' || problem.code === 'not-an-archive' || problem.got === 416;
      if (unfit && asked > 0) {
        ranges = false;
        continue;
      }
      const passing =
        (problem.code === 'network' && !HOPELESS.includes(problem.got)) ||
        (problem.code === 'http-status' && Number(problem.got) >= 500);
      if (!passing || attempt >= RETRIES) throw problem;
      await pause(network.retryDelay * 2 ** attempt, signal);
    } finally {
      clearTimeout(timer);
      broken.abort(); // hangs up, when the consumer has had enough
    }
  }
}

async function request(url: string, archive: Archive, position: number, network: Network, signal: AbortSignal) {
  const headers = { 'accept-encoding': 'identity', ...(position > 0 && { range: `bytes=${position}-` }) };
  const response = await network.fetch(url, { headers, signal });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new CifarDataError('download', `${url} must answer 200`, response.status, { code: 'http-status' });
  }
  const type = response.headers.get('content-type') ?? '';
  if (/^text\/html/i.test(type)) {
    await response.body.cancel();
    throw notAnArchive(response.url || url, type);
  }
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  // A server of another origin may hide Content-Range from a page; then what was asked for has to be believed.
  const partial = response.status === 206;
  const begins = partial ? Number(range?.[1] ?? position) : 0;
  if (!(begins <= position)) {
    throw new CifarDataError('download', `${url} must go on from byte ${position}`, begins, { code: 'malformed' });
  }
  const length = response.headers.get('content-length');
  const total = range ? Number(range[2]) : partial || length === null ? archive.bytes : Number(length);
  if (total !== archive.bytes && !response.headers.has('content-encoding')) {
    await response.body.cancel();
    throw wrongLength(url, archive, total);
  }
  return { body: chunksOf(response.body), begins };
}

function checkGzip(url: string, chunk: Uint8Array): void {
  const magic = chunk.length > 1 ? [0x1f, 0x8b] : [0x1f];
  if (!magic.every((byte, i) => chunk[i] === byte)) throw notAnArchive(url, [...chunk.subarray(0, 4)]);
}

function notAnArchive(url: string, got: unknown): CifarDataError {
  return new CifarDataError('download', `${url} must be a tar.gz`, got, { code: 'not-an-archive' });
}

function wrongLength(url: string, archive: Archive, got: unknown): CifarDataError {
  return new CifarDataError('download', `${url} must hold ${archive.bytes} bytes`, got, { code: 'malformed' });
}

function networkError(url: string, words: string, cause?: unknown): CifarDataError {
  return new CifarDataError('download', `${url} must be reachable`, words, { code: 'network', cause });
}

/** fetch says "fetch failed" and hides the reason in its cause. */
function describe(error: unknown, broken: AbortSignal): string {
  if (broken.aborted) return 'no answer in time';
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message ?? String(error);
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done);
  });
  signal?.throwIfAborted();
}
