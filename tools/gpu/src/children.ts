// Each test file and each benchmark runs in a process of its own: what one does to TF.js, to the device or to itself ends with it.
import { spawn } from 'node:child_process';

export type ChildMessage<T> = { result: T } | { error: string };

export interface Outcome<T> {
  result?: T;
  /** Why there is no result. */
  reason: string;
  /** What it printed, to both streams. */
  printed: string;
}

export interface ChildOptions {
  /** Seconds after which it counts as hung. */
  patience: number;
  env?: Record<string, string>;
}

/** Runs this program again with other arguments, and hears what it sends. */
export function inChild<T>(args: readonly string[], { patience, env = {} }: ChildOptions): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--no-warnings', process.argv[1]!, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const outcome: Outcome<T> = { reason: '', printed: '' };
    const timer = setTimeout(() => {
      outcome.reason = `no answer within ${patience} s`;
      child.kill('SIGKILL');
    }, patience * 1000);
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    const print = (text: Buffer) => {
      outcome.printed += text.toString();
    };
    child.stdout!.on('data', print);
    child.stderr!.on('data', print);
    child.on('message', (message: ChildMessage<T>) => {
      if ('error' in message) outcome.reason = message.error;
      else outcome.result = message.result;
    });
    const finish = (end: string) => {
      clearTimeout(timer);
      process.off('exit', kill);
      if (outcome.result === undefined) outcome.reason ||= `its process ended (${end})`;
      resolve(outcome);
    };
    child.on('error', (error) => finish(error.message));
    child.on('close', (code, signal) => finish(signal ?? `exit code ${code}`));
  });
}

/** The child's side: sends what `work` gives, and ends the process, which Dawn would keep alive. */
export async function answer<T>(work: () => Promise<T>): Promise<never> {
  let message: ChildMessage<T>;
  try {
    message = { result: await work() };
  } catch (error) {
    message = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  await new Promise((sent) => process.send!(message, sent));
  process.exit(0);
}

/** Every item through `work`, so many at a time. */
export async function eachOf<T>(items: readonly T[], jobs: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const turns = Array.from({ length: jobs }, async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  });
  await Promise.all(turns);
}
