// A stranger's project: an empty folder into which npm installs the tarballs that would be published.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const root = join(import.meta.dirname, '../../..');

export interface PublishedPackage {
  name: string;
  folder: string;
  /** Public entry points as import specifiers, `@stridelab/fft-ops` and `@stridelab/diffstride/register` alike. */
  entries: string[];
  peers: string[];
  /** Commands that npx finds once the package is installed. */
  commands: string[];
}

export function publishedPackages(): PublishedPackage[] {
  return readdirSync(join(root, 'packages')).map((name) => {
    const folder = join(root, 'packages', name);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const entries = Object.keys(manifest.publishConfig.exports).filter((key) => !key.endsWith('.json'));
    return {
      name: manifest.name,
      folder,
      entries: entries.map((key) => manifest.name + key.slice(1)),
      peers: Object.keys(manifest.peerDependencies ?? {}),
      commands: Object.keys(manifest.publishConfig.bin ?? {}),
    };
  });
}

/** Versions of everything that a stranger installs beside our packages, as the workspace pins them. */
function pinned(names: string[]): Record<string, string> {
  const workspace = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  return Object.fromEntries(
    names.map((name) => {
      const version = new RegExp(`^ {2}["']?${name}["']?: (\\S+)$`, 'm').exec(workspace)?.[1];
      if (!version) throw new Error(`${name} is not in the catalog of pnpm-workspace.yaml`);
      return [name, version];
    }),
  );
}

/** Packs every package, and installs the tarballs and `others` into a new project. */
export async function strangersProject(packages: PublishedPackage[], others: string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'stranger-'));
  mkdirSync(join(folder, 'tarballs'));
  for (const { folder: cwd } of packages) {
    await run('pnpm', ['pack', '--pack-destination', join(folder, 'tarballs')], { cwd });
  }
  const tarballs = readdirSync(join(folder, 'tarballs'));
  const ours = packages.map(({ name }) => {
    const prefix = `${name.replace('@', '').replace('/', '-')}-`;
    const tarball = tarballs.find((file) => file.startsWith(prefix) && /^\d/.test(file.slice(prefix.length)));
    return [name, `file:tarballs/${tarball}`];
  });
  const dependencies = { ...pinned(others), ...Object.fromEntries(ours) };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'], { cwd: folder });
  return folder;
}

/** A folder of `examples` as somebody has it who copied it, with the tarballs that are built now. */
export async function copyOfExample(name: string): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), `${name.replaceAll('-', ' ')} `)); // spaces, as in many people's folders
  const isSource = (path: string) => !/[\\/](node_modules|tarballs|dist)$/.test(path);
  cpSync(join(root, 'examples', name), copy, { recursive: true, filter: isSource });
  process.env.STRIDELAB_ROOT = root; // the copy does not lie in the repository
  await output('node', ['setup.js', '--no-build'], copy);
  return copy;
}

export function discard(folder: string | undefined): void {
  if (folder) rmSync(folder, { recursive: true, force: true });
}

/** Standard output of a command run in `cwd`; a failure carries everything that it printed. */
export async function output(command: string, args: string[], cwd: string): Promise<string> {
  return (await printed(command, args, cwd)).stdout;
}

/** Both streams of one. */
export async function printed(command: string, args: string[], cwd: string) {
  try {
    // By NODE_PATH, which pnpm sets, bundlers would find the packages of this repository.
    return await run(command, args, { cwd, timeout: 300_000, env: { ...process.env, NODE_PATH: '' } });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed\n${stdout}\n${stderr}`, { cause: error });
  }
}
