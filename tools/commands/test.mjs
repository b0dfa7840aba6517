// `npm test`: everything that must hold, on a machine with Node and npm alone.
// Installs, builds, type-checks, lints, runs every test, and closes with one line: N passed, N failed, N skipped.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pnpm, root } from './pnpm.mjs';
import { readReports, reportFolders, summarize } from './reports.mjs';

const started = performance.now();

// Reports of tasks that turbo has cached come back with the cache; any other old report would be a lie.
for (const folder of reportFolders(root)) rmSync(join(folder, '.reports'), { recursive: true, force: true });

let status = pnpm('install', '--frozen-lockfile');
if (status === 0) {
  const tasks = ['lint', 'build', 'typecheck', 'test', 'check:package'];
  status = pnpm('exec', 'turbo', 'run', ...tasks, '--continue', '--output-logs=new-only', '--concurrency=2');
}

const { lines, passed, failed, skipped } = summarize(readReports(root));
for (const line of lines) console.log(line);
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
if (status !== 0) console.log(`A step failed (status ${status}): see above.`);
console.log(`In ${minutes} minutes.`);
// A step that failed without a failing test (a build, a type, a lint rule) still counts as one failure.
const failures = Math.max(failed, status === 0 ? 0 : 1);
console.log(`${passed} passed, ${failures} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = failures === 0 && passed > 0 ? 0 : 1;
