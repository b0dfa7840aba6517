// Runs a program of examples/train-cifar, having installed what it needs.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pnpm, root } from './pnpm.mjs';

const FOLDER = 'examples/train-cifar';

/** Exit status of the program with the arguments of this process; it works in the folder that it was called from. */
export async function runExample(file) {
  const installed = pnpm('install', '--frozen-lockfile', '--reporter=append-only');
  if (installed !== 0) return installed;
  const tsx = join(root, FOLDER, 'node_modules/tsx/dist/cli.mjs');
  const child = spawn(process.execPath, [tsx, join(root, FOLDER, 'src', file), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // A terminal sends Ctrl-C to both processes, and the program decides what comes of it. SIGTERM comes to one.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal]));
  });
}
