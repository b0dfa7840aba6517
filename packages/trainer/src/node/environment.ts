// Where and by what a run was made.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { getBackend, version_core } from '@tensorflow/tfjs-core';
import { version_layers } from '@tensorflow/tfjs-layers';
import { version } from '../../package.json';
import type { RunOptions } from './run-record.ts';

export interface Environment {
  created: string;
  command: string[];
  backend: string;
  /** What the backend computes on, where the program said so. */
  device?: string;
  node: string;
  platform: string;
  processor: string;
  versions: Record<string, string>;
  /** Of the folder in which the program ran, where that is in git; `-changed` where files that it knows were. */
  commit?: string;
}

/** With what only the program knows. */
export function environment({ device, versions }: Pick<RunOptions, 'device' | 'versions'> = {}): Environment {
  const commit = git('rev-parse', 'HEAD');
  const { bun, deno } = process.versions; // which call themselves a version of Node's, too
  const changed = commit && git('status', '--porcelain', '--untracked-files=no');
  return {
    created: new Date().toISOString(),
    command: process.argv.slice(2),
    backend: getBackend(),
    ...(device !== undefined && { device }),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    versions: {
      ...(bun && { bun }),
      ...(deno && { deno }),
      '@stridelab/trainer': version,
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
