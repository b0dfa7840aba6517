// The benchmarks of bench/src/gpu, each in a process of its own, and one table of what they found.

import { revision, versions } from 'bundle:revision';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import {
  parsePeer,
  type Row,
  type Section,
  type SectionRequest,
  type SectionResult,
  sections,
  tableOf,
  variantsTable,
} from '@stridelab/bench/gpu';
import { inChild } from './children.ts';

export interface NumberOptions {
  /** Empty: all. */
  names: readonly string[];
  tiny: boolean;
  /** See {@link SectionRequest.only}. */
  only: string;
  /** Environments, `NAME=VALUE NAME=VALUE`, in which every section runs once more. */
  variants: readonly string[];
  /** A file with what the peer's script printed. */
  peer: string | undefined;
  /** Seconds that a section may take. */
  patience: number;
  /** Sections that would begin after this many seconds are left out, and named. */
  limit: number;
  print(line: string): void;
}

/** The number of sections that gave no numbers. */
export async function runNumbers(options: NumberOptions): Promise<number> {
  const { names, tiny, peer, print } = options;
  const absent: string[] = [];
  for (const name of names.filter((one) => !sections.some(({ name }) => name === one))) {
    absent.push(`${name}: FAILED, there is no such section; there are ${sections.map(({ name }) => name).join(', ')}`);
  }
  const devices = new Set<string>();
  const rows: Row[] = [];
  const variants = options.variants.map((name) => ({ name, rows: [] as Row[] }));
  for (const section of sections.filter(({ name, long }) => (names.length ? names.includes(name) : !long))) {
    for (const variant of [undefined, ...variants]) {
      const result = await runOne(section, variant?.name ?? '', options, absent);
      if (!result) continue;
      (variant?.rows ?? rows).push(...result.rows);
      devices.add(result.device);
    }
  }
  const { lines, peers } = peer === undefined ? { lines: [], peers: {} } : parsePeer(readFileSync(peer, 'utf8'));
  const command = `node stridelab-gpu.mjs ${process.argv.slice(2).join(' ')}`;
  print(`\n## Numbers${tiny ? ' (tiny sizes: they prove that this runs, and nothing else)' : ''}\n`);
  print(`\`${command}\`, made of ${revision}`);
  const processor = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'processor'}`;
  print(`${[...devices].join('; ')}; ${processor}`);
  print(`Node ${process.versions.node}, tfjs ${versions.tfjs}, webgpu ${versions.webgpu}; medians`);
  for (const line of lines) print(`Peer: ${line}`);
  print(`\n${tableOf(rows, peers)}`);
  if (variants.length) print(`\n${variantsTable(rows, variants)}`);
  if (absent.length) print(`\nNot there:\n${absent.map((line) => `- ${line}`).join('\n')}`);
  return absent.filter((line) => line.includes('FAILED')).length;
}

/** One section in a process of its own, under the variables that `variant` names; says in `absent` what there is not. */
async function runOne(
  { name, features }: Section,
  variant: string,
  { tiny, only, patience, limit, print }: NumberOptions,
  absent: string[],
): Promise<SectionResult | undefined> {
  const title = variant ? `${name}, ${variant}` : name;
  if (process.uptime() > limit) {
    absent.push(`${title}: not begun, the time was up`);
    return undefined;
  }
  const request: SectionRequest = { name, tiny, only };
  // As a program has it that trains.
  const env = { STRIDELAB_BOUNDS_CHECKS: '0', STRIDELAB_GPU_FEATURES: features, ...variablesOf(variant) };
  const args = ['--child', 'numbers', JSON.stringify(request)];
  const { result, reason, printed } = await inChild<SectionResult>(args, { patience, env });
  if (!result) {
    absent.push(`${title}: FAILED, see above`);
    print(`FAILED ${title}: ${reason}\n${printed}`);
    return undefined;
  }
  for (const line of result.lines) print(line);
  absent.push(...result.absent.map((what) => `${title}: ${what}`));
  print(`(${title}: ${result.seconds.toFixed(1)} s)`);
  return result;
}

/** `A=1 B=x,y` */
function variablesOf(variant: string): Record<string, string> {
  return Object.fromEntries(
    variant
      .split(' ')
      .filter(Boolean)
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}
