// A native library can abort or hang the process that loads it: it is tried in a child process.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Engine, notReady } from './engine.ts';
import { ownUrl } from './own-url.ts';
import type { BackendReport, ExamineOptions } from './types.ts';

const TIMEOUT_MS = 60_000;
/** What a timer can count to; one that is set to more, Infinity say, goes off at once. */
const LONGEST_MS = 2 ** 31 - 1;

export type ChildMessage = { started: true } | { report: BackendReport };

interface Outcome {
  started: boolean;
  report?: BackendReport;
  printed: string;
  timedOut: boolean;
  /** `SIGILL`, `exit code 134`. */
  end: string;
}

/** What a child process finds when it opens `engine`; nothing where no child process could be started. */
export async function examineInChild(
  engine: Engine,
  { timeout = TIMEOUT_MS }: ExamineOptions,
): Promise<BackendReport | undefined> {
  const here = ownUrl();
  if (!here) return undefined;
  const command = fileURLToPath(new URL(here.endsWith('.ts') ? './cli.ts' : './cli.js', here));
  const outcome = await runChild(command, engine.name, timeout);
  const { report, printed } = outcome;
  if (report) return engine.explain?.(report, printed) ?? report;
  if (!outcome.started && !outcome.timedOut) return undefined;
  if (outcome.timedOut) {
    const reason = `its native library gave no answer within ${timeout / 1000} s`;
    const mend = 'a first start on a new GPU may compile for minutes: give it more time (timeout)';
    return notReady(engine.name, 'hung', reason, mend);
  }
  const said = lastWords(printed);
  const reason = `its native library took the process down (${outcome.end})${said ? `: ${said}` : ''}`;
  const mend =
    outcome.end === 'SIGILL'
      ? 'the prebuilt library needs a processor with AVX'
      : "update the GPU's driver and the package";
  return notReady(engine.name, 'crashed', reason, mend);
}

/** The last line that a person would read, which a stack trace is not. */
function lastWords(printed: string): string | undefined {
  const lines = printed.split('\n').map((line) => line.trim());
  return lines.filter((line) => line && !/^(\d+: |at |---)/.test(line)).at(-1);
}

function runChild(command: string, name: string, timeout: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const flags = command.endsWith('.ts') ? process.execArgv : [];
    const child = spawn(process.execPath, [...flags, command, 'examine', name], {
      // TensorFlow says why it finds no GPU only where it may say everything, and Node's warnings are not what it says; a look
      // needs little of the GPU's memory.
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '0', TF_FORCE_GPU_ALLOW_GROWTH: 'true', NODE_NO_WARNINGS: '1' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      windowsHide: true,
    });
    const outcome: Outcome = { started: false, printed: '', timedOut: false, end: '' };
    const kill = () => child.kill('SIGKILL');
    const timer = setTimeout(
      () => {
        outcome.timedOut = true;
        kill();
      },
      Math.min(timeout, LONGEST_MS),
    );
    process.once('exit', kill);
    const print = (text: Buffer) => {
      outcome.printed += text.toString();
    };
    child.stdout!.on('data', print);
    child.stderr!.on('data', print);
    child.on('message', (message: ChildMessage) => {
      if ('started' in message) outcome.started = true;
      else {
        outcome.report = message.report;
        // It has said everything; a native library may yet hang on the way out.
        kill();
      }
    });
    const finish = (end: string) => {
      clearTimeout(timer);
      process.off('exit', kill);
      resolve({ ...outcome, end });
    };
    child.on('error', (error) => finish(error.message));
    child.on('close', (code, signal) => finish(signal ?? `exit code ${code}`));
  });
}
