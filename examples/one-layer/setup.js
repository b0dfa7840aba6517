// Packs the packages of this repository as npm would publish them, and installs the tarballs. `--no-build` uses what is built.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const here = import.meta.dirname;
const root = resolve(process.env.STRIDELAB_ROOT ?? join(here, '../..'));
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pnpm = (...args) => execFileSync('npx', ['--yes', packageManager, ...args], { cwd: root, stdio: 'inherit' });

const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const ours = Object.keys(dependencies).filter((name) => name.startsWith('@stridelab/'));
const filters = ours.flatMap((name) => ['--filter', name]);
const tarballs = join(here, 'tarballs');

rmSync(tarballs, { recursive: true, force: true });
mkdirSync(tarballs);
if (!process.argv.includes('--no-build')) {
  pnpm('install', '--frozen-lockfile');
  pnpm('exec', 'turbo', 'run', 'build', ...filters);
}
pnpm(...filters, 'exec', 'pnpm', 'pack', '--pack-destination', tarballs);
// Names without versions, so that package.json need not know them.
for (const file of readdirSync(tarballs)) {
  renameSync(join(tarballs, file), join(tarballs, file.replace(/-\d+\.\d+\.\d+.*\.tgz$/, '.tgz')));
}
const install = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--prefer-offline'];
execFileSync('npm', install, { cwd: here, stdio: 'inherit' });
