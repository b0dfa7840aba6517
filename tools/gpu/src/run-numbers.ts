// The benchmarks of bench/src/gpu, each in a process of its own, and one table of what they found.

import { revision, versions } from 'bundle:revision';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parsePeer, type Row, type SectionRequest, type SectionResult, sections, tableOf } from '@stridelab/bench/gpu';
import { inChild } from './children.ts';

export interface NumberOptions {
  /** Empty: all. */
  names: readonly string[];
  tiny: boolean;
  /** See {@link SectionRequest.only}. */
  only: string;
  /** A file with what the peer's script printed. */
  peer: string | undefined;
  /** Seconds that a section may take. */
  patience: number;
  /** Sections that would begin after this many seconds are left out, and named. */
  limit: number;
  print(line: string): void;
}

/** The number of sections that gave no numbers. */
export async function runNumbers({ names, tiny, only, peer, patience, limit, print }: NumberOptions): Promise<number> {
  const chosen = sections.filter(({ name, long }) => (names.length ? names.includes(name) : !long));
  const rows: Row[] = [];
  const absent: string[] = [];
  const devices = new Set<string>();
  let failures = 0;
  for (const name of names.filter((one) => !sections.some(({ name }) => name === one))) {
    failures++;
    absent.push(`${name}: FAILED, there is no such section; there are ${sections.map(({ name }) => name).join(', ')}`);
  }
  for (const { name, features } of chosen) {
    if (process.uptime() > limit) {
      absent.push(`${name}: not begun, the time was up`);
      continue;
    }
    const request: SectionRequest = { name, tiny, only };
    const env = { STRIDELAB_GPU_FEATURES: features };
    const args = ['--child', 'numbers', JSON.stringify(request)];
    const { result, reason, printed } = await inChild<SectionResult>(args, { patience, env });
    if (result) {
      rows.push(...result.rows);
      devices.add(result.device);
      for (const line of result.lines) print(line);
      absent.push(...result.absent.map((what) => `${name}: ${what}`));
      print(`(${name}: ${result.seconds.toFixed(1)} s)`);
    } else {
      failures++;
      absent.push(`${name}: FAILED, see above`);
      print(`FAILED ${name}: ${reason}\n${printed}`);
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
  if (absent.length) print(`\nNot there:\n${absent.map((line) => `- ${line}`).join('\n')}`);
  return failures;
}
