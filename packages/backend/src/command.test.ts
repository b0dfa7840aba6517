// The command as a person runs it: in a process of its own, on the packages that are really here.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectNamedError } from '@stridelab/test-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { examineInChild } from './child.ts';
import { run } from './command.ts';
import { cpu } from './engines/cpu.ts';
import { node } from './engines/tensorflow.ts';
import { wasm } from './engines/wasm.ts';
import { BackendError, doctor } from './index.ts';
import { examine } from './node.ts';
import { sourceEnv, stubEnv, stubTensorFlow } from './stubs/child.ts';

beforeEach(() => stubEnv(sourceEnv()));
afterEach(() => {
  vi.unstubAllEnvs();
});

const command = (...words: string[]) => commandIn(process.cwd(), ...words);

async function commandIn(cwd: string, ...words: string[]): Promise<{ status: number; text: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./cli.ts', import.meta.url)), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd,
  });
  let text = '';
  child.stdout.on('data', (part: Buffer) => {
    text += part.toString();
  });
  const [status] = await once(child, 'close');
  return { status, text };
}

const NAMES = ['node-gpu', 'webgpu', 'node', 'wasm', 'cpu', 'webgpu-software'];

describe('doctor', () => {
  it('lists every backend, with the reason and the mend of what is not ready', async () => {
    const { status, text } = await command('doctor');
    expect(status).toBe(0);
    const lines = text.split('\n');
    expect(lines[0]).toMatch(/^backend +ready +device, or why not$/);
    for (const name of NAMES) expect(text).toMatch(new RegExp(`^${name} +(yes|no) +\\S`, 'm'));
    expect(text).toMatch(/^wasm +yes +CPU through WebAssembly SIMD(, \d+ threads)?$/m);
    expect(text).toMatch(
      /^node +no +@tensorflow\/tfjs-node is installed without its native addon\n +mend: npm rebuild/m,
    );
    expect(text).toMatch(/^openBackend\(\) opens \S+ here\. Node v\d+/m);
  });

  it('says the same as JSON', async () => {
    const { status, text } = await command('doctor', '--json', '--timeout', '30');
    expect(status).toBe(0);
    const { backends, best, installedHere, ...system } = JSON.parse(text);
    expect(system).toEqual({ node: process.version, platform: process.platform, arch: process.arch });
    expect(backends.map(({ name }: { name: string }) => name)).toEqual(NAMES);
    expect(installedHere).toBe(true);
    expect(['webgpu', 'wasm']).toContain(best);
    const cores = availableParallelism();
    const device = `CPU through WebAssembly SIMD${cores > 1 ? `, ${cores} threads` : ''}`;
    expect(backends[3]).toEqual({ name: 'wasm', ready: true, state: 'ready', device });
    for (const report of backends) {
      expect(report.ready).toBe(report.state === 'ready');
      expect(typeof (report.ready ? report.device : report.reason)).toBe('string');
    }
  });

  it('says that it did not look at the project when that has no copy of it', async () => {
    vi.stubEnv('NODE_PATH', '');
    const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
    const { text } = await commandIn(elsewhere, 'doctor');
    rmSync(elsewhere, { recursive: true });
    expect(text).toMatch(/not installed in this folder.*\nmend: npm install @stridelab\/backend, then ask again\n$/);
  });

  it('says what is missing where it cannot even be loaded', async () => {
    stubEnv(sourceEnv({ '@tensorflow/tfjs-core': 'absent' }));
    const { status, text } = await command('doctor');
    expect({ status, text }).toEqual({
      status: 1,
      text: '@tensorflow/tfjs-core is not installed.\nmend: npm install @tensorflow/tfjs\n',
    });
  });

  it.each(['aborting', 'using-avx', 'exiting'])('outlives a native library that is %s', async (state) => {
    stubTensorFlow(state);
    const { status, text } = await command('doctor');
    expect(status).toBe(0);
    expect(text).toMatch(/^node-gpu +no +its native library took the process down/m);
    expect(text).toMatch(/^node +no +its native library took the process down/m);
    expect(text).toMatch(/^wasm +yes/m);
  });

  it('outlives a native library that hangs', async () => {
    stubTensorFlow('hanging', ['@tensorflow/tfjs-node-gpu']);
    const { status, text } = await command('doctor', '--timeout', '20');
    expect(status).toBe(0);
    expect(text).toMatch(/^node-gpu +no +its native library gave no answer within 20 s$/m);
    expect(text).toMatch(/^cpu +yes/m);
  });

  it('says of what is not there how to get it', async () => {
    const absent = await examine(wasm, {}, () => false);
    expect(absent).toMatchObject({ state: 'not-installed', mend: 'npm install @tensorflow/tfjs-backend-wasm' });
    stubEnv(sourceEnv({ '@tensorflow/tfjs-backend-cpu': 'absent' }));
    expect(await examineInChild(cpu, {})).toEqual({
      name: 'cpu',
      ready: false,
      state: 'not-installed',
      reason: '@tensorflow/tfjs-backend-cpu is not installed',
      mend: 'npm install @tensorflow/tfjs-backend-cpu',
    });
  });

  it('says nothing where no child process can be started', async () => {
    vi.stubEnv('NODE_OPTIONS', '--import file:///there/is/no/such/file.mjs');
    expect(await examineInChild(node, {})).toBeUndefined();
    const reports = await doctor();
    expect(reports.find(({ name }) => name === 'wasm')).toMatchObject({ ready: true });
    const { state, reason } = reports.find(({ name }) => name === 'node')!;
    expect({ state, reason }).toEqual({ state: 'failed', reason: 'no child process could be started to try it in' });
  });
});

it('has no end of patience where it is told so', async () => {
  expect(await examineInChild(cpu, { timeout: Number.POSITIVE_INFINITY })).toMatchObject({ state: 'ready' });
});

it.each([0, -1, Number.NaN])('does not examine within %s ms', async (timeout) => {
  const message = `backend.doctor: timeout must be a number of milliseconds > 0, got ${timeout}`;
  await expectNamedError(() => doctor({ timeout }), BackendError, message);
});

it('keeps to itself what it does for its own child processes', async () => {
  const { status, text } = await command('examine', 'wasm');
  expect({ status, usage: text.startsWith('usage: ') }).toEqual({ status: 2, usage: true });
});

it.each([
  [[], 2],
  [['docter'], 2],
  [['doctor', '--jsno'], 2],
  [['doctor', '--timeout', 'soon'], 2],
  [['--help'], 0],
  [['doctor', '--help'], 0],
])('prints its usage for %o', async (words, status) => {
  const said: string[] = [];
  expect(await run(words, (text) => said.push(text))).toBe(status);
  expect(said.join()).toMatch(/^usage: npx @stridelab\/backend doctor \[--json\] \[--timeout seconds\]\n/);
});
