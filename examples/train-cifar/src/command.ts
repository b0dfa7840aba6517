// The command: reads flags, opens what is needed, trains, and says what came of it.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs'; // brings every operation's gradient
import { RuleError } from '@stridelab/errors';
import type { StrideReading } from '@stridelab/trainer';
import { onInterrupt } from '@stridelab/trainer/node';
import { DATASETS, loadData } from './data.ts';
import { CommandError } from './errors.ts';
import { type Flags, flagLines, parseFlags } from './flags.ts';
import { buildNetwork } from './network.ts';
import { openFor } from './open.ts';
import { openNextRun, RULE } from './runs.ts';
import { backendWishes, placesOf, settingsOf } from './settings.ts';
import { type Output, statusLine } from './status-line.ts';
import { train } from './train.ts';

const HELP = `Trains a ResNet that learns its strides on CIFAR-10, and leaves a report in runs/.

  npm start [-- flags]

${flagLines().join('\n')}

${RULE}

Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted (and ready to go on).`;

export interface Terminal {
  out(line: string): void;
  /** For what is overwritten, and for what went wrong. */
  err: Output;
}

export async function runCommand(
  args: readonly string[],
  terminal: Terminal = { out: console.log, err: process.stderr },
) {
  const { out, err } = terminal;
  try {
    const flags = parseFlags(args) as Flags;
    if (flags.help) {
      out(HELP);
      return 0;
    }
    return await runWith(flags, terminal);
  } catch (error) {
    err.write(`${describe(error)}\n`);
    if (error instanceof CommandError) err.write('npm start -- --help lists every flag.\n');
    return error instanceof CommandError ? 2 : 1;
  }
}

/** What a person needs: a rule that was broken speaks for itself. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'rule' in error && 'got' in error ? error.message : (error.stack ?? error.message);
}

async function runWith(flags: Flags, { out, err }: Terminal): Promise<number> {
  const wishes = backendWishes(flags);
  const places = placesOf(
    flags.smoke && !flags.runs ? { ...flags, runs: mkdtempSync(join(tmpdir(), 'stridelab-')) } : flags,
  );
  const status = statusLine(err);
  const backend = await openFor(wishes, out);
  const interruption = onInterrupt(() => {
    status.clear();
    out('Interrupted: finishes the batch and saves. Once more ends it at once.');
  });
  const { signal } = interruption;
  try {
    out(`Backend: ${backend.name}, ${backend.device}`);
    const settings = settingsOf(flags, backend);
    // Built first: a network that cannot be is refused before anything is fetched or written.
    const model = buildNetwork(settings.network, { ...DATASETS[settings.dataset], seed: settings.seed });
    const data = await loadData(settings, places, status, signal);
    const run = openNextRun(settings, places);
    out(`${RULE}\nRun: ${run.folder} (${run.state === 'new' ? 'new' : 'goes on'})`);
    const { network, images } = settings;
    out(
      `ResNet-${network.depth}, ${network.pooling}${network.n ? `, PHC n = ${network.n}` : ''}, ` +
        `${images.toLocaleString('en')} images of ${settings.dataset}`,
    );
    const parts = { run, model, settings, data, onGpu: backend.onGpu, out, status, signal };
    const result = await backend.guard(() => train(parts));
    if (!result) {
      out('Saved. The same command goes on from here.');
      return interruption.exitCode ?? 130;
    }
    out(`Test accuracy: ${(100 * result.accuracy).toFixed(2)}% of ${result.images.toLocaleString('en')} images`);
    for (const line of strideLines(result.strides)) out(line);
    out(`Report: ${result.report}`);
    return 0;
  } catch (error) {
    if (interruption.exitCode === undefined || error instanceof RuleError) throw error;
    out('The same command goes on from here.');
    return interruption.exitCode;
  } finally {
    interruption.dispose();
    await backend.dispose();
  }
}

function strideLines(strides: readonly StrideReading[]): string[] {
  const sides = (values: readonly number[], digits: number) => values.map((value) => value.toFixed(digits)).join(' x ');
  return strides.map(
    ({ layer, learned, strides, from, to }) =>
      `${learned ? 'Learned strides' : 'Strides'} of ${layer}: ${sides(strides, 3)}, maps ${sides(from, 0)} to ${sides(to, 0)}`,
  );
}
