// The rule for running again, and what a finished run leaves beside the trainer's record.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StrideReading } from '@stridelab/trainer';
import { openRun, type Run } from '@stridelab/trainer/node';
import type { madeWith } from './made-with.ts';
import type { Places, Settings } from './settings.ts';

export const RULE = `Running it again: a run that was not finished goes on where its last checkpoint is; where the run of this
configuration is finished, a new one begins under the next name (-2, -3 ...); a folder that holds a run of another
configuration is refused and left as it is.`;

/** What came of a run, in runs/NAME/result.json: where it is, the run is finished. */
export interface RunResult {
  accuracy: number;
  loss: number;
  images: number;
  parameters: number;
  multiplyAdds: number;
  strides: StrideReading[];
  /** Of training, those before it was resumed included. */
  seconds: number;
}

const RESULT = 'result.json';

/** Says in a name what the configuration is, and by a digest that it is this one. */
export function runNameOf(settings: Settings): string {
  const { depth, pooling, n } = settings.network;
  const digest = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 6);
  return [`resnet${depth}`, pooling, ...(n === undefined ? [] : [`phc${n}`]), digest].join('-');
}

/** Opens the run that the rule asks for. */
export function openNextRun(
  settings: Settings,
  { runs, runName = runNameOf(settings), resume }: Places,
  made: ReturnType<typeof madeWith> = {},
): Run {
  const config = { ...settings } as Record<string, unknown>;
  for (let i = 1; ; i++) {
    const folder = join(runs, i === 1 ? runName : `${runName}-${i}`);
    // Passed by unopened: another process may train in it.
    if (resume === 'never' && holdsRunOf(folder, config)) continue;
    // This refuses another configuration, also where the run is finished.
    const run = openRun(folder, { config, resume: resume === 'never' ? 'auto' : resume, ...made });
    if (!readResult(folder)) return run;
  }
}

function holdsRunOf(folder: string, config: Record<string, unknown>): boolean {
  const record = readJson<{ config: unknown }>(join(folder, 'config.json'));
  return record !== undefined && JSON.stringify(record.config) === JSON.stringify(config);
}

export function readResult(folder: string): RunResult | undefined {
  return readJson(join(folder, RESULT));
}

/** Nothing where there is no such file, or where what a machine left of it when it went down is not whole. */
function readJson<Content>(file: string): Content | undefined {
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all. */
export function writeResult(folder: string, result: RunResult): void {
  const file = join(folder, RESULT);
  writeFileSync(`${file}.part`, `${JSON.stringify(result, undefined, 2)}\n`);
  renameSync(`${file}.part`, file);
}
