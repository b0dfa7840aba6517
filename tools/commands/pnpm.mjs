// Runs pnpm through npx at the version that package.json pins, so that nobody needs to install it.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** Exit status of `pnpm ...args`, its output going to the terminal. */
export function pnpm(...args) {
  return run('npx', ['--yes', packageManager, ...args], root);
}

/** The same of npm, in a folder. */
export function npm(args, cwd) {
  return run('npm', args, cwd);
}

function run(command, args, cwd) {
  // On Windows these are scripts of a shell, which takes an argument with spaces apart.
  const shell = process.platform === 'win32';
  const { status, error } = spawnSync(command, shell ? args.map((arg) => (/\s/.test(arg) ? `"${arg}"` : arg)) : args, {
    cwd,
    stdio: 'inherit',
    shell,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
  });
  if (error) throw error;
  return status ?? 1;
}
