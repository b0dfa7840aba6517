// The programs as people start them: processes of their own, on each backend.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const FOLDER = join(import.meta.dirname, '..');

let runs: string;
beforeAll(() => {
  runs = mkdtempSync(join(tmpdir(), 'train-cifar-'));
});
afterAll(() => rmSync(runs, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Runs a program to its end; `interruptAt` is what it says when it shall be sent a SIGINT. */
function run(file: string, args: readonly string[], interruptAt?: RegExp): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], { cwd: FOLDER });
  const said: Omit<Ended, 'code'> = { out: '', err: '' };
  let interrupted = false;
  for (const [name, stream] of [
    ['out', child.stdout],
    ['err', child.stderr],
  ] as const) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      if (interrupted || !interruptAt?.test(said.out)) return;
      interrupted = true;
      child.kill('SIGINT');
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...said }));
  });
}

describe.each([
  ['cpu', 'cpu'],
  ['wasm', 'wasm'],
  ['webgpu', 'webgpu-software'],
])('[%s]', (_, backend) => {
  it.each(['diffstride', 'spectral-pooling', 'phc'])('by-hand/%s.ts --smoke', async (name) => {
    const { code, out, err } = await run(`by-hand/${name}.ts`, ['--smoke', '--backend', backend]);
    expect([code, err]).toEqual([0, expect.not.stringContaining('Error')]);
    expect(out).toMatch(/^epoch 1\/1 {2}loss \d/m);
    expect(out).toMatch(/\d% of 8 test images/);
  });

  it('npm start -- --smoke', async () => {
    const { code, out, err } = await run('src/main.ts', ['--smoke', '--backend', backend, '--runs', runs]);
    expect([code, err]).toEqual([0, expect.not.stringContaining('Error')]);
    expect(out).toMatch(/^epoch 1\/1 {2}loss \d.* strides \d\.\d\d/m);
    expect(out).toMatch(/^Test accuracy: \d+\.\d\d% of 8 images$/m);
    expect(out).toMatch(/^Learned strides of stage3_pool: [\d.]+ x [\d.]+, maps \d+ x \d+ to \d+ x \d+$/m);
    const report = /^Report: (.*)$/m.exec(out)![1]!;
    expect(readFileSync(report, 'utf8')).toContain('<html');
  });
});

it('each example is short enough to be read', () => {
  for (const name of ['diffstride', 'spectral-pooling', 'phc']) {
    expect(
      readFileSync(join(FOLDER, 'by-hand', `${name}.ts`), 'utf8')
        .trimEnd()
        .split('\n').length,
    ).toBeLessThanOrEqual(60);
  }
});

it('goes on after Ctrl-C, begins anew once it is finished, and is the run that it would have been', async () => {
  const args = ['--smoke', '--backend', 'cpu', '--epochs', '3', '--runs', runs, '--run-name', 'cut'];
  const cut = await run('src/main.ts', args, /epoch 1\/3/);
  expect(cut.code, cut.err).toBe(130);
  expect(cut.out).toContain('The same command goes on from here.');
  expect(cut.out).not.toContain('Test accuracy');
  const rest = await run('src/main.ts', args);
  expect(rest.code).toBe(0);
  expect(rest.out).toMatch(/^Run: .*cut \(goes on\)$/m);
  expect(rest.out).not.toMatch(/^epoch 1\/3/m);
  const again = await run('src/main.ts', args);
  expect(again.code).toBe(0);
  expect(again.out).toMatch(/^Run: .*cut-2 \(new\)$/m);
  const tested = ({ out }: Ended) => out.match(/^(Test accuracy|Learned strides).*/gm)!;
  expect(tested(rest)).toEqual(tested(again));
  expect(tested(rest).length).toBeGreaterThan(1);

  const other = await run('src/main.ts', [...args, '--seed', '1']);
  expect([other.code, other.out.includes('epoch')]).toEqual([1, false]);
  expect(other.err).toMatch(/^trainer\.openRun: .*cut holds a run of another configuration/m);
});

it('says what a flag should have been, and lists all', async () => {
  const wrong = await run('src/main.ts', ['--polling', 'max']);
  expect(wrong).toEqual({
    code: 2,
    out: '',
    err: "train-cifar.flags: there must be such a flag; the nearest is --pooling, got '--polling'\n--help lists every flag.\n",
  });
  const help = await run('src/main.ts', ['--help']);
  expect([help.code, help.err]).toEqual([0, '']);
  expect(help.out).toContain('--pooling NAME');
  expect(help.out).toContain('Running it again: a run that was not finished goes on');
});

it('pnpm compare goes on where it was interrupted and repeats nothing', async () => {
  const args = ['--smoke', '--backend', 'cpu', '--pooling', 'strided,diffstride', '--seeds', '1', '--runs', runs];
  const cut = await run('src/compare/main.ts', args, /2 of 2/);
  expect(cut.code, cut.err).toBe(130);
  const rest = await run('src/compare/main.ts', args);
  expect(rest.code, rest.err).toBe(0);
  expect(rest.out).toContain('1 of 2: strided-2-2-2-seed0 (finished before)');
  expect(rest.out).toMatch(/^\| diffstride \| 2,2,2 \| [\d,]+ \| [\d.]+ M \| [\d.]+ \| 1 of 1 \| /m);
  expect(readFileSync(join(runs, 'compare/table.md'), 'utf8')).toContain('| strided | 2,2,2 | ');
  expect(existsSync(join(runs, 'compare/chart.svg'))).toBe(true);
});
