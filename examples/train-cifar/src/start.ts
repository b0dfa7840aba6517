// npm start: one run.
import type { StrideReading } from '@stridelab/trainer';
import { FLAGS, type Flags, flagLines } from './flags.ts';
import { madeWith } from './made-with.ts';
import { openNextRun, RULE } from './runs.ts';
import { command, dataFor, networkOf, type Session, TERMINAL } from './session.ts';
import { checkFlags, settingsOf } from './settings.ts';
import { train } from './train.ts';

const HELP = `Trains a ResNet that learns its strides on CIFAR-10, and leaves a report in runs/.

  npm start [-- flags]

${flagLines(FLAGS).join('\n')}

${RULE}

Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted (and ready to go on).`;

export function start(args: readonly string[], terminal = TERMINAL): Promise<number> {
  return command(args, { table: FLAGS, help: HELP }, terminal, { check: checkFlags, work });
}

async function work(flags: Flags, session: Session) {
  const { backend, places, out, status, signal } = session;
  const settings = settingsOf(flags, backend);
  // Built first: a network that cannot be is refused before anything is fetched or written.
  const model = networkOf(settings);
  const data = await dataFor(settings, session);
  const run = openNextRun(settings, places, madeWith(backend));
  const { network, images, dataset } = settings;
  out(RULE);
  out(`Run: ${run.folder} (${run.state === 'new' ? 'new' : 'goes on'})`);
  const hypercomplex = network.n ? `, PHC convolutions of n = ${network.n}` : '';
  out(
    `ResNet-${network.depth}, ${network.pooling}${hypercomplex}, ${images.toLocaleString('en')} images of ${dataset}`,
  );
  const result = await backend.guard(() =>
    train({ run, model, settings, data, onGpu: backend.onGpu, out, status, signal }),
  );
  if (!result) return 'interrupted';
  out(`Test accuracy: ${(100 * result.accuracy).toFixed(2)}% of ${result.images.toLocaleString('en')} images`);
  const speed = result.imagesPerSecond.toLocaleString('en', { maximumSignificantDigits: 3 });
  out(`Speed: ${speed} images a second over whole epochs, reading and preparing them included`);
  for (const line of strideLines(result.strides)) out(line);
  out(`Report: ${result.report}`);
  return 'done';
}

function strideLines(strides: readonly StrideReading[]): string[] {
  const sides = (values: readonly number[], digits: number) => values.map((value) => value.toFixed(digits)).join(' x ');
  return strides.map(
    ({ layer, learned, strides, from, to }) =>
      `${learned ? 'Learned strides' : 'Strides'} of ${layer}: ${sides(strides, 3)}, maps ${sides(from, 0)} to ${sides(to, 0)}`,
  );
}
