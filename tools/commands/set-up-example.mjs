// Gives an example the packages of this repository as npm would publish them: packs them, and installs the tarballs.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npm, pnpm } from './pnpm.mjs';

/** For the folder of an example whose package.json names them as `file:tarballs/...`. `--no-build` uses what is built. */
export function setUpExample(folder) {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const ours = Object.keys(dependencies).filter((name) => name.startsWith('@stridelab/'));
  const filters = ours.flatMap((name) => ['--filter', name]);
  const tarballs = join(folder, 'tarballs');

  rmSync(tarballs, { recursive: true, force: true });
  mkdirSync(tarballs);
  if (!process.argv.includes('--no-build')) {
    must(pnpm('install', '--frozen-lockfile'));
    must(pnpm('exec', 'turbo', 'run', 'build', ...filters));
  }
  must(pnpm(...filters, 'exec', 'pnpm', 'pack', '--pack-destination', tarballs));
  // Names without versions, so that package.json need not know them.
  for (const file of readdirSync(tarballs)) {
    renameSync(join(tarballs, file), join(tarballs, file.replace(/-\d+\.\d+\.\d+.*\.tgz$/, '.tgz')));
  }
  const install = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--prefer-offline'];
  must(npm(install, folder));
}

function must(status) {
  if (status !== 0) process.exit(status);
}
