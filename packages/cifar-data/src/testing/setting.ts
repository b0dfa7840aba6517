// What a test of loading needs around it: a folder that goes away, and surroundings that reach nothing outside.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Manifest } from '../data/manifest.ts';

export { testSurroundings } from './surroundings.ts';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cifar-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The manifest with its official archive at another address. */
export function officialAt(manifest: Manifest, url: string): Manifest {
  return { ...manifest, official: { ...manifest.official, url } };
}

/** Every file below a folder, by path from it. */
export function filesIn(folder: string): string[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return found.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}
