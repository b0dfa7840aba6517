import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { writeAtomically } from './files.ts';

const { disk } = vi.hoisted(() => ({ disk: { bytes: Number.POSITIVE_INFINITY } }));
vi.mock('node:fs', async (load) => {
  const fs = await load<typeof import('node:fs')>();
  const writeSync = (file: number, bytes: Uint8Array, at: number, length: number) => {
    const taken = Math.min(length, disk.bytes);
    disk.bytes -= taken;
    if (taken === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    return fs.writeSync(file, bytes, at, taken);
  };
  return { ...fs, writeSync };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => {
  disk.bytes = Number.POSITIVE_INFINITY;
  rmSync(folder, { recursive: true, force: true });
});

it('leaves a file as it was where the disk is full, and says which', () => {
  const path = join(folder, 'file');
  writeAtomically(path, ['before']);
  disk.bytes = 5;
  const full = `ENOSPC: no space left on device, write '${path}'`;
  expect(() => writeAtomically(path, ['bytes', 'and more'])).toThrow(full);
  expect(readFileSync(path, 'utf8')).toBe('before');
  expect(readdirSync(folder)).toEqual(['file']);
});
