import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectNamedError } from '@stridelab/test-kit';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CheckpointError } from '../errors.ts';
import { lockFolder, unlockFolder } from './lock.ts';

const { links, hooks } = vi.hoisted(() => ({
  links: { there: true },
  hooks: { afterRead: undefined as (() => void) | undefined },
}));
vi.mock('node:fs', async (load) => {
  const fs = await load<typeof import('node:fs')>();
  const linkSync: typeof fs.linkSync = (...paths) => {
    if (links.there) fs.linkSync(...paths);
    else throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
  };
  const readFileSync = ((...given: Parameters<typeof fs.readFileSync>) => {
    const content = fs.readFileSync(...given);
    if (String(given[0]).endsWith('.lock.part')) hooks.afterRead?.();
    return content;
  }) as typeof fs.readFileSync;
  return { ...fs, linkSync, readFileSync };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => {
  links.there = true;
  rmSync(folder, { recursive: true, force: true });
});

const lock = () => join(folder, '.lock.part');
const hold = (holder: object) => writeFileSync(lock(), JSON.stringify({ host: hostname(), ...holder }));
const refused = () =>
  expectNamedError(
    () => lockFolder(folder),
    CheckpointError,
    `trainer.openRun: ${folder} must not be in use by another process, got ${process.ppid}`,
  );

it.runIf(process.platform === 'linux')(
  'is not kept out by another process that has the number of one gone',
  async () => {
    lockFolder(folder);
    const { born } = JSON.parse(readFileSync(lock(), 'utf8'));
    expect(born).toMatch(/^\d+$/);
    unlockFolder(folder);
    // The parent lives, and began before this one.
    hold({ pid: process.ppid });
    await refused();
    hold({ pid: process.ppid, born });
    lockFolder(folder);
    expect(JSON.parse(readFileSync(lock(), 'utf8'))).toEqual({ pid: process.pid, host: hostname(), born });
    unlockFolder(folder);
  },
);

it('leaves the folder to whoever was faster to see that its process is gone', async () => {
  writeFileSync(lock(), 'torn');
  hooks.afterRead = () => {
    hooks.afterRead = undefined;
    hold({ pid: process.ppid });
  };
  await refused();
  expect(JSON.parse(readFileSync(lock(), 'utf8'))).toMatchObject({ pid: process.ppid });
  expect(readdirSync(folder)).toEqual(['.lock.part']);
});

it('does without links where a file system has none', async () => {
  links.there = false;
  hold({ pid: process.ppid });
  await refused();
  rmSync(lock());
  lockFolder(folder);
  expect(JSON.parse(readFileSync(lock(), 'utf8'))).toMatchObject({ pid: process.pid });
  expect(readdirSync(folder)).toEqual(['.lock.part']);
  unlockFolder(folder);
});
