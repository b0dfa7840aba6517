// Every test file, several at a time; what failed is printed in full.
import { bound } from 'bundle:bound';
import { tests } from 'bundle:tests';
import type { FileResult } from '@stridelab/test-bundle';
import { type ChildOptions, eachOf, inChild } from './children.ts';

export interface TestOptions {
  /** Parts of the names of the files to run. Empty: all. */
  filters: readonly string[];
  jobs: number;
  /** The kernels' tests once more on a device that was made without f16, subgroups and matrix units. */
  plainToo: boolean;
  /** Seconds that a file may take. */
  patience: number;
  print(line: string): void;
}

interface Job extends ChildOptions {
  name: string;
  title: string;
}

/** What a test has to say to people even where it passes. */
const NOTE = 'note: ';

const KERNELS = /^webgpu\//;

/** The number of failures. */
export async function runTests({ filters, jobs, plainToo, patience, print }: TestOptions): Promise<number> {
  const names = Object.keys(tests).filter((name) => !filters.length || filters.some((part) => name.includes(part)));
  const list: Job[] = names.map((name) => ({ name, title: name, patience }));
  if (plainToo) {
    const env = { STRIDELAB_GPU_FEATURES: 'none' };
    const again = names.filter((name) => KERNELS.test(name));
    list.push(...again.map((name) => ({ name, title: `${name} (no features)`, patience, env })));
  }
  print(`${list.length} test files, ${jobs} at a time; left in their sources: ${bound.join(', ')}`);
  const total = { passed: 0, failed: 0, skipped: 0 };
  const skips = new Map<string, number>();
  await eachOf(list, jobs, async ({ name, title, ...options }) => {
    const { result, reason, printed } = await inChild<FileResult>(['--child', 'test', name], options);
    if (!result) {
      total.failed++;
      print(`FAILED ${title}: ${reason}\n${indented(printed)}`);
      return;
    }
    const { passed, failures, skipped, seconds } = result;
    total.passed += passed;
    total.failed += failures.length;
    total.skipped += skipped.length;
    for (const skip of skipped) skips.set(skip, (skips.get(skip) ?? 0) + 1);
    const counts = [`${passed} passed`, failures.length && `${failures.length} failed`];
    const left = skipped.length && `${skipped.length} skipped`;
    print(
      `${failures.length ? 'FAILED' : 'ok    '} ${title}: ${[...counts, left].filter(Boolean).join(', ')} (${seconds.toFixed(1)} s)`,
    );
    for (const line of printed.split('\n').filter((line) => line.startsWith(NOTE))) print(`  ${line}`);
    for (const failure of failures) print(`  ${failure.title}\n${indented(failure.message, '    ')}`);
    if (failures.length && printed) print(`  printed meanwhile:\n${indented(printed, '    ')}`);
  });
  for (const [title, count] of skips) print(`skipped ${count} x ${title}`);
  print(`Tests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  if (total.passed === 0) print('No test ran.');
  return total.failed + (total.passed === 0 ? 1 : 0);
}

function indented(text: string, by = '  '): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => by + line)
    .join('\n');
}
