// The command `stridelab-backend`: doctor, and what the doctor runs in its child processes.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ChildMessage } from './child.ts';
import { examineHere } from './examine.ts';
import { doctor, nodeMachine } from './node.ts';
import { table } from './table.ts';

const USAGE = `usage: npx @stridelab/backend doctor [--json] [--timeout seconds]

Tries every TensorFlow.js backend of this machine, each in a process of its own, and says which are ready,
and what to do about the others.`;

const ELSEWHERE = `
@stridelab/backend is not installed in this folder, so this looked beside a copy of its own, not at your packages.
mend: npm install @stridelab/backend, then ask again`;

/** Returns the exit status: 0 where some backend is ready, 1 where none is, 2 for a wrong command. */
export async function run(words: string[], print: (text: string) => void): Promise<number> {
  const [command, ...rest] = words;
  if (command === 'examine' && process.send) return examineForParent(rest[0]);
  const options = parse(rest);
  if (command !== 'doctor' || !options) {
    print(USAGE);
    return command === 'help' || words.includes('--help') ? 0 : 2;
  }
  const backends = await doctor({ timeout: options.timeout });
  const best = nodeMachine.order.find((name) => backends.some((report) => report.name === name && report.ready));
  const system = { node: process.version, platform: process.platform, arch: process.arch };
  const installedHere = isInstalledIn(process.cwd());
  if (options.json) print(JSON.stringify({ ...system, installedHere, best: best ?? null, backends }, null, 2));
  else {
    const verdict = best ? `openBackend() opens ${best} here.` : 'openBackend() finds nothing to open here.';
    print(`${table(backends)}\n\n${verdict} ${runtime()}, ${process.platform} ${process.arch}.`);
    if (!installedHere) print(ELSEWHERE);
  }
  return best ? 0 : 1;
}

/** Bun and Deno call themselves a version of Node's, too. */
function runtime(): string {
  const { bun, deno, node } = process.versions;
  return bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node v${node}`;
}

/** npx runs a copy of its own where a project has none, and that copy sees nothing of the project. */
function isInstalledIn(folder: string): boolean {
  try {
    createRequire(join(folder, 'package.json')).resolve('@stridelab/backend/package.json');
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'MODULE_NOT_FOUND';
  }
}

function parse(words: string[]): { json: boolean; timeout?: number } | undefined {
  try {
    const { values } = parseArgs({ args: words, options: { json: { type: 'boolean' }, timeout: { type: 'string' } } });
    if (values.timeout === undefined) return { json: values.json ?? false };
    const timeout = Number(values.timeout) * 1000;
    return timeout > 0 ? { json: values.json ?? false, timeout } : undefined;
  } catch {
    return undefined;
  }
}

async function examineForParent(name: string | undefined): Promise<number> {
  // A parent that is gone needs no answer.
  process.once('disconnect', () => process.exit());
  // Sent, not only handed over: Deno drops what is on its way when the channel closes.
  const tell = (message: ChildMessage) => new Promise((sent) => process.send!(message, sent));
  await tell({ started: true });
  const engine = nodeMachine.engines.find((candidate) => candidate.name === name);
  if (!engine) return 2;
  await tell({ report: await examineHere(engine) });
  process.disconnect();
  return 0;
}
