/// <reference path="./modules.d.ts" />
// One test file, in a process or page of its own: files may change what TF.js has registered.

import { tests } from 'bundle:tests';
import { type File, startTests, type Task, type Test, type VitestRunner } from '@vitest/runner';

export interface Failure {
  title: string;
  message: string;
}

export interface FileResult {
  passed: number;
  skipped: string[];
  failures: Failure[];
  /** Seconds. */
  seconds: number;
}

const MINUTE = 60_000;

const runner: VitestRunner = {
  config: {
    root: '/',
    setupFiles: [],
    name: undefined,
    passWithNoTests: false,
    testNamePattern: undefined,
    allowOnly: false,
    sequence: { seed: 0, hooks: 'stack', setupFiles: 'list' },
    chaiConfig: undefined,
    maxConcurrency: 1,
    testTimeout: 5 * MINUTE,
    hookTimeout: MINUTE,
    retry: 0,
    includeTaskLocation: false,
    tags: [],
    tagsFilter: undefined,
    strictTags: false,
  },
  importFile: (path) => tests[path.slice(1)]!(),
};

export async function runTestFile(name: string): Promise<FileResult> {
  const start = performance.now();
  const [file] = await startTests([`/${name}`], runner);
  const result: FileResult = { passed: 0, skipped: [], failures: [], seconds: 0 };
  collect(file!, [], result);
  result.seconds = (performance.now() - start) / 1000;
  return result;
}

function collect(task: File | Task, titles: readonly string[], result: FileResult): void {
  if (task.type === 'test') {
    collectTest(task, titles.join(' > '), result);
    return;
  }
  // What went wrong outside of a test: a file that does not load, a hook of a suite.
  for (const error of task.result?.errors ?? []) {
    result.failures.push({ title: titles.join(' > ') || 'the file', message: wordsOf(error) });
  }
  for (const child of task.tasks) collect(child, [...titles, child.name], result);
}

function collectTest({ result: outcome, mode }: Test, title: string, result: FileResult): void {
  if (outcome?.state === 'pass') result.passed++;
  else if (outcome?.state === 'fail') {
    result.failures.push({ title, message: (outcome.errors ?? []).map(wordsOf).join('\n') });
  } else result.skipped.push(`${title}${mode === 'run' ? ' (was not reached)' : ''}`);
}

function wordsOf({ stack, message, diff }: { stack?: string; message: string; diff?: string }): string {
  // The stack of an error that was made beforehand, such as one for the time being up, says nothing of it.
  const words = stack?.includes(message) ? stack : [message, stack].filter(Boolean).join('\n');
  return [words, diff].filter(Boolean).join('\n');
}
