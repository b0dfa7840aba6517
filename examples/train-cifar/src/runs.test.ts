import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectNamedError } from '@stridelab/test-kit';
import { CheckpointError } from '@stridelab/trainer';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openNextRun, type RunResult, readResult, runNameOf, writeResult } from './runs.ts';
import { type Settings, settingsOf } from './settings.ts';

const SETTINGS = settingsOf({}, { name: 'wasm', precision: 'float32' });
const OTHER: Settings = { ...SETTINGS, seed: 1 };
const RESULT: RunResult = {
  accuracy: 0.5,
  loss: 1,
  images: 10,
  parameters: 1,
  multiplyAdds: 1,
  strides: [],
  seconds: 1,
};

let runs: string;
beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), 'train-cifar-'));
});
afterEach(() => rmSync(runs, { recursive: true }));

const open = (settings = SETTINGS, resume: 'auto' | 'always' | 'never' = 'auto') =>
  openNextRun(settings, { runs, runName: 'a', resume });

it('begins, goes on while a run is unfinished, and begins anew under the next name', () => {
  expect(open()).toMatchObject({ folder: join(runs, 'a'), state: 'new' });
  expect(open()).toMatchObject({ folder: join(runs, 'a'), state: 'interrupted' });
  writeResult(join(runs, 'a'), RESULT);
  expect(readResult(join(runs, 'a'))).toEqual(RESULT);
  expect(open()).toMatchObject({ folder: join(runs, 'a-2'), state: 'new' });
  expect(open()).toMatchObject({ folder: join(runs, 'a-2'), state: 'interrupted' });
});

it('refuses a folder of another configuration, finished or not, and leaves it as it is', async () => {
  const { folder } = open();
  const refusal = /trainer\.openRun: .* holds a run of another configuration: seed must be 0, got 1/;
  await expectNamedError(() => open(OTHER), CheckpointError, refusal);
  writeResult(folder, RESULT);
  await expectNamedError(() => open(OTHER), CheckpointError, refusal);
  expect(readdirSync(runs)).toEqual(['a']);
  expect(readdirSync(folder).sort()).toEqual(['.lock.part', 'config.json', 'result.json']);
});

it('resumes always or never where that is asked for', async () => {
  await expectNamedError(() => open(SETTINGS, 'always'), CheckpointError, /must hold a run/);
  expect(readdirSync(runs)).toEqual([]);
  const { folder } = open();
  await expectNamedError(() => open(SETTINGS, 'always'), CheckpointError, /must hold a checkpoint/);
  mkdirSync(join(folder, 'checkpoints'), { recursive: true });
  writeFileSync(join(folder, 'checkpoints', 'step-000000001.safetensors'), '');
  expect(open(SETTINGS, 'always').folder).toBe(folder);
  expect(open(SETTINGS, 'never')).toMatchObject({ folder: join(runs, 'a-2'), state: 'new' });
  expect(open(SETTINGS, 'never')).toMatchObject({ folder: join(runs, 'a-3'), state: 'new' });
});

it('begins another where that is asked for, also while a process trains in the first', async () => {
  const begun = join(runs, 'b');
  cpSync(open().folder, begun, { recursive: true });
  writeFileSync(join(begun, '.lock.part'), JSON.stringify({ pid: process.ppid, host: hostname() }));
  const another = (settings: Settings) => openNextRun(settings, { runs, runName: 'b', resume: 'never' });
  expect(another(SETTINGS)).toMatchObject({ folder: join(runs, 'b-2'), state: 'new' });
  await expectNamedError(() => another(OTHER), CheckpointError, /holds a run of another configuration/);
});

it('makes a result again that is not whole', () => {
  const { folder } = open();
  writeFileSync(join(folder, 'result.json'), '');
  expect(readResult(folder)).toBeUndefined();
  expect(open()).toMatchObject({ folder });
});

it('has a name for each configuration', () => {
  expect(runNameOf(SETTINGS)).toMatch(/^resnet8-diffstride-[0-9a-f]{6}$/);
  expect(runNameOf(OTHER)).not.toBe(runNameOf(SETTINGS));
});
