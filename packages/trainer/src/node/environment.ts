// Where and by what a run was made.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { getBackend, version_core } from '@tensorflow/tfjs-core';
import { version_layers } from '@tensorflow/tfjs-layers';

export interface Environment {
  created: string;
  command: string[];
  backend: string;
  node: string;
  platform: string;
  processor: string;
  versions: Record<string, string>;
  /** Of the folder in which the program ran, where that is in git; `-changed` where files that it knows were. */
  commit?: string;
}

/** `versions`: of what else the program is made of. */
export function environment(versions: Record<string, string> = {}): Environment {
  const commit = git('rev-parse', 'HEAD');
  const { bun, deno } = process.versions; // which call themselves a version of Node's, too
  const changed = commit && git('status', '--porcelain', '--untracked-files=no');
  return {
    created: new Date().toISOString(),
    command: process.argv.slice(2),
    backend: getBackend(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    versions: {
      ...(bun && { bun }),
      ...(deno && { deno }),
      '@stridelab/trainer': ownVersion(),
      '@tensorflow/tfjs-core': version_core,
      '@tensorflow/tfjs-layers': version_layers,
      ...versions,
    },
    ...(commit && { commit: changed ? `${commit}-changed` : commit }),
  };
}

function git(...args: string[]): string | undefined {
  try {
    return execFileSync('git', args, { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' }).trim();
  } catch {
    return undefined; // no git here, or nothing that it knows
  }
}

/** This file lies at different depths in the sources and in the build; in somebody's bundle it has no version of its own. */
function ownVersion(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    const { name, version } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    if (name === '@stridelab/trainer') return version;
    if (folder === dirname(folder)) return 'bundled';
  }
}
