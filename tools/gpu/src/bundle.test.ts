// The bundle as somebody carries it to a machine: one file beside the npm package `webgpu`, run by Node alone.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { bundle } from './bundle.mjs';

/** Each shader is compiled for the processor, which is slow where others work too. */
vi.setConfig({ testTimeout: 600_000 });

let folder: string;
let file: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stridelab-gpu-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(fileURLToPath(new URL('.', import.meta.resolve('webgpu'))), join(folder, 'node_modules/webgpu'));
  file = await bundle(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]): Promise<{ status: number; printed: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { cwd: folder, encoding: 'utf8' }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, printed: stdout + stderr });
    });
  });
}

it('is one file', () => {
  expect(readdirSync(folder).sort()).toEqual(['node_modules', 'stridelab-gpu.mjs']);
});

it('runs tests, those with golden cases too, and sees them pass', async () => {
  const { status, printed } = await run(
    '--tiny',
    '--no-numbers',
    '--jobs',
    '1',
    'softmax-cross-entropy',
    'mask-weights',
  );
  expect(printed).toMatch(/ok {5}webgpu\/kernels\/softmax-cross-entropy\.test\.ts: \d+ passed/);
  expect(printed).toMatch(/Tests: \d+ passed, 0 failed/);
  expect(status).toBe(0);
});

it('tells what failed in full, and by its exit code', async () => {
  const { status, printed } = await run('--tiny', '--no-numbers', '--patience', '0.05', 'webgpu/training.test');
  expect(printed).toMatch('FAILED webgpu/training.test.ts: no answer within 0.05 s');
  expect(status).toBe(1);
  expect(await run('--tiny', '--no-numbers', 'there-is-no-such-test')).toMatchObject({ status: 1 });
  expect(await run('--flag')).toMatchObject({ status: 2 });
});

it("prints the table of numbers beside the peer's", async () => {
  const peer = join(folder, 'peer.txt');
  writeFileSync(peer, '2.11.0 SOME GPU batch 128\nstrided    bf16 channels-last       6.60 ms/step\n');
  const args = ['--tiny', '--no-tests', '--patience', '500', '--peer', peer, '--only', 'filter'];
  const { status, printed } = await run(...args, '--sections', 'limits,strided,convolutions,layer');
  expect(printed).toMatch('Device: google, swiftshader');
  expect(printed).toMatch('Peer: 2.11.0 SOME GPU batch 128');
  expect(printed).toMatch(/^google, swiftshader.*; \d+ x .*\nNode [\d.]+, tfjs 4\.22\.0, webgpu [\d.]+; medians$/m);
  expect(printed).toMatch(
    /\| ResNet-8, strided: step, fast, uncaptured \| [\d.]+ ms \|.*6\.60 ms \(bf16 channels-last\)/,
  );
  expect(printed).toMatch(/\| DiffStride .* forward and backward \| [\d.]+ ms \| [\d.]+ ms \| [\d.]+ x as fast/);
  const convolutions = [...printed.matchAll(/\| conv .*, (\w.*, \w+) \| [\d.]+ TFLOP\/s/g)];
  expect(convolutions.map((match) => match[1])).toEqual(['d filter, fast', 'd filter, exact']);
  expect(status).toBe(0);
});

it('sets variants of the environment beside a plain run', async () => {
  const args = ['--tiny', '--no-tests', '--sections', 'limits', '--variant', 'STRIDELAB_PACK_FROM=4'];
  const { status, printed } = await run(...args);
  expect(printed).toMatch('(limits, STRIDELAB_PACK_FROM=4: ');
  expect(printed).toMatch('Products pack operands from 4 on.');
  expect(printed).toMatch(/^\| what \| as it is \| `STRIDELAB_PACK_FROM=4` \|$/m);
  expect(printed).toMatch(/^\| copy within the GPU, .* \| [\d.]+ GB\/s \| [\d.]+ GB\/s, [\d.]+ x \|$/m);
  expect(status).toBe(0);
  expect(await run('--variant', 'nonsense')).toMatchObject({ status: 2 });
});

it('says which numbers it has not', async () => {
  const { status, printed } = await run('--tiny', '--no-tests', '--sections', 'nothing');
  expect(printed).toMatch('- nothing: FAILED, there is no such section');
  expect(status).toBe(1);
});

it('trains', async () => {
  const { status, printed } = await run(
    'train',
    '--',
    '--smoke',
    '--pooling',
    'strided',
    '--runs',
    join(folder, 'runs'),
  );
  expect(printed).toMatch(/Backend: webgpu, google, swiftshader/);
  expect(printed).toMatch(/Test accuracy: [\d.]+% of \d+ images/);
  expect(printed).toMatch(/^Speed: [\d.]+ images a second over whole epochs/m);
  expect(readdirSync(join(folder, 'runs', readdirSync(join(folder, 'runs'))[0]!))).toContain('result.json');
  expect(status).toBe(0);
});
