// Runs a program of examples/train-cifar from its source, having installed what it needs.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pnpm, root } from './pnpm.mjs';

const FOLDER = join(root, 'examples/train-cifar');

/** Exit status of the program with the arguments of this process; it works in the folder that it was called from. */
export async function runExample(file) {
  const installed = pnpm('install', '--frozen-lockfile', '--reporter=append-only');
  if (installed !== 0) return installed;
  // Not by tsx's own command, which would be one process more between the terminal and the program.
  const loader = pathToFileURL(createRequire(join(FOLDER, 'package.json')).resolve('tsx'));
  const args = ['--import', loader.href, join(FOLDER, 'src', file), ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes, and the program decides what comes of it. SIGTERM comes to one.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal]));
  });
}
