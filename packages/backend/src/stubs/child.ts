// Tests run sources, and so must the child processes that the package starts: under tsx, and with packages stubbed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

const HOOKS = new URL('./hooks.mjs', import.meta.url).href;
const TENSORFLOW_PACKAGES = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];
const TENSORFLOW = new URL('./tensorflow.mjs', import.meta.url).href;

/** Environment of a child process in which TypeScript runs and `modules` (package to URL, or `absent`) are stubbed. */
export function sourceEnv(modules: Record<string, string> = {}): Record<string, string> {
  const tsx = import.meta.resolve('tsx');
  return { NODE_OPTIONS: `--import ${tsx} --import ${HOOKS}`, STUB_MODULES: JSON.stringify(modules) };
}

export function stubEnv(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

/** Lets child processes find TensorFlow's packages in `state`, one of those in tensorflow.mjs. */
export function stubTensorFlow(state: string, packages = TENSORFLOW_PACKAGES): void {
  const url = state === 'absent' ? 'absent' : TENSORFLOW;
  stubEnv(sourceEnv(Object.fromEntries(packages.map((name) => [name, url]))));
  vi.stubEnv('STUB_TENSORFLOW', state);
}

/** Runs a program of this folder to its natural end. `ms` is the time from its last words to its end. */
export async function runFixture(name: string, ...words: string[]): Promise<{ stdout: string; ms: number }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  let stdout = '';
  let lastWords = performance.now();
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString();
    lastWords = performance.now();
  });
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`${name} ended with ${signal ?? code} after it said:\n${stdout}`);
  return { stdout, ms: performance.now() - lastWords };
}
