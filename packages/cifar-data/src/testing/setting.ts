// What a test of loading needs around it: a folder that goes away, and surroundings that reach nothing outside.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Manifest } from '../data/manifest.ts';
import { nodeFiles } from '../node/files.ts';
import type { Surroundings } from '../node/load.ts';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cifar-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** No environment variable, no .npmrc, no waiting. `fetch` reaches this machine alone. */
export function testSurroundings(changes: Partial<Surroundings> = {}): Surroundings {
  const local: typeof fetch = (url, init) => {
    if (new URL(String(url)).hostname === '127.0.0.1') return fetch(url, init);
    return Promise.reject(new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }));
  };
  return {
    files: nodeFiles,
    network: { fetch: local, retryDelay: 1, patience: 2000 },
    env: { HOME: '/nonexistent', npm_config_globalconfig: '/nonexistent/npmrc' },
    cwd: '/nonexistent',
    ...changes,
  };
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
