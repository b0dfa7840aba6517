// The npm registry that the user has set, found where npm itself looks for it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export interface Registry {
  /** Empty where none is to be found. */
  url: string;
  /** Where the setting was found, for people. */
  from: string;
}

interface Surroundings {
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/**
 * In npm's order: environment, .npmrc of the project (here: any folder above), of the user, of the machine; then whatever
 * npm itself takes where nothing is set.
 */
export function registrySetting({ env, cwd }: Surroundings, ask = askNpm): Registry {
  const fromEnv = variable(env, 'npm_config_registry');
  if (fromEnv && URL.canParse(fromEnv)) return { url: plainAddress(fromEnv), from: 'npm_config_registry' };
  for (const file of configFiles(env, cwd)) {
    const url = registryIn(readText(file), env);
    if (url) return { url: plainAddress(url), from: file };
  }
  const url = ask({ env, cwd });
  return URL.canParse(url) ? { url: plainAddress(url), from: 'npm' } : { url: '', from: 'nowhere' };
}

/** Takes a third of a second, which is why the files are read first. */
function askNpm({ env, cwd }: Surroundings): string {
  try {
    const options = { env, cwd, encoding: 'utf8', timeout: 20_000, shell: process.platform === 'win32' } as const;
    return execFileSync('npm', ['config', 'get', 'registry'], {
      ...options,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return ''; // no npm here
  }
}

function configFiles(env: NodeJS.ProcessEnv, cwd: string): string[] {
  const files: string[] = [];
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    files.push(join(folder, '.npmrc'));
    if (dirname(folder) === folder) break;
  }
  files.push(variable(env, 'npm_config_userconfig') ?? join(env.HOME || env.USERPROFILE || homedir(), '.npmrc'));
  const prefix = variable(env, 'npm_config_prefix') ?? env.PREFIX ?? prefixOf(process.execPath);
  files.push(variable(env, 'npm_config_globalconfig') ?? join(prefix, 'etc', 'npmrc'));
  return files;
}

function prefixOf(node: string): string {
  return process.platform === 'win32' ? dirname(node) : dirname(dirname(node));
}

/** The registry line of an .npmrc, the last one if there are several, as npm reads it. */
export function registryIn(text: string, env: NodeJS.ProcessEnv): string | undefined {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*[#;[]/.test(line));
  const values = lines.flatMap((line) => /^\s*registry\s*=\s*(.*?)\s*$/.exec(line)?.[1] ?? []);
  const value = values.at(-1)?.replace(/^(["'])(.*)\1$/, '$2');
  const url = value?.replace(/\$\{([^}?]+)\??\}/g, (whole, name) => env[name] ?? whole);
  return url && /^https?:\/\//i.test(url) && URL.canParse(url) ? url : undefined;
}

/** npm reads its variables without regard to case. */
function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const key = Object.keys(env).find((other) => other.toLowerCase() === name);
  return (key && env[key]) || undefined;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // none there, or none of ours to read
  }
}

/** With a slash at its end, and without a name and password: fetch takes none there, and messages must not show them. */
export function plainAddress(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href.replace(/\/?$/, '/');
}
