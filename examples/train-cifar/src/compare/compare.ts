// npm run compare: a grid of runs, each of which can go on where it was interrupted, and what came of it as a table and a chart.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { CifarData } from '@stridelab/cifar-data';
import { openRun, type Run } from '@stridelab/trainer/node';
import { version_core } from '@tensorflow/tfjs-core';
import { flagLines } from '../flags.ts';
import { madeWith } from '../made-with.ts';
import { readResult } from '../runs.ts';
import { command, dataFor, networkOf, type Session, TERMINAL } from '../session.ts';
import { checkFlags, type Settings, settingsOf } from '../settings.ts';
import { train } from '../train.ts';
import { checkName } from '../values.ts';
import { chartOf } from './chart.ts';
import { COMPARE_FLAGS, type CompareFlags, gridOf } from './grid.ts';
import { type RowResults, tableOf } from './table.ts';

const HELP = `Trains every pooling at every choice of strides, several seeds each, and prints the table with mean and spread.

  npm run compare [-- flags]

${flagLines(COMPARE_FLAGS).join('\n')}

Each cell is a run of its own in runs/NAME/. The same command again goes on where it was interrupted, repeats nothing that
is finished, and refuses a cell of another configuration. More seeds, poolings or strides may be asked for later.`;

export function compare(args: readonly string[], terminal = TERMINAL): Promise<number> {
  return command<CompareFlags>(args, { table: COMPARE_FLAGS, help: HELP }, terminal, {
    check: (flags) => {
      checkName('name', flags.name);
      for (const { runs } of gridOf(flags)) checkFlags(runs[0]!.flags);
    },
    work: (flags, session) => work(args, flags, session),
  });
}

async function work(args: readonly string[], flags: CompareFlags, session: Session) {
  const { backend, places, out } = session;
  const folder = join(places.runs, flags.name ?? 'compare');
  const rows = gridOf(flags).map((row) => ({ ...row, results: [] as RowResults['results'] }));
  const cells = rows.flatMap((row) => row.runs.map((run) => ({ row, run, settings: settingsOf(run.flags, backend) })));
  // A network that cannot be is refused before anything is fetched.
  for (const { settings } of cells.filter(({ settings }) => settings.seed === 0)) networkOf(settings).dispose();
  const data = await dataFor(cells[0]!.settings, session);
  const write = () => writeTable(folder, rows, captionOf(cells[0]!.settings, backend.device, args));
  for (const [
    i,
    {
      row,
      run: { name },
      settings,
    },
  ] of cells.entries()) {
    const run = openRun(join(folder, name), { config: { ...settings }, ...madeWith(backend) });
    const before = readResult(run.folder);
    out(`${i + 1} of ${cells.length}: ${name} (${before ? 'finished before' : run.state})`);
    const result = before ?? (await runCell(run, settings, data, session));
    if (!result) return 'interrupted';
    out(`  ${(100 * result.accuracy).toFixed(2)}% of ${result.images.toLocaleString('en')} test images`);
    row.results.push(result);
    write();
  }
  for (const line of write()) out(line);
  return 'done';
}

async function runCell(run: Run, settings: Settings, data: CifarData, { backend, out, status, signal }: Session) {
  const model = networkOf(settings);
  try {
    const parts = { run, model, settings, data, onGpu: backend.onGpu, out, status, signal };
    return await backend.guard(() => train(parts));
  } finally {
    model.dispose();
  }
}

function captionOf({ network, images, training, dataset, data }: Settings, device: string, args: readonly string[]) {
  const { depth, variant, widths } = network;
  return [
    `ResNet-${depth} (${variant}, widths ${widths.join('-')}), ${images.toLocaleString('en')} images of ${dataset}, ` +
      `${training.epochs} ${training.epochs === 1 ? 'epoch' : 'epochs'}, batch ${data.batchSize}`,
    `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${device}; Node ${process.versions.node}, TF.js ${version_core}`,
    `npm run compare -- ${args.join(' ')}`.trim(),
  ] as const;
}

/** Writes the table and the chart of what is finished; gives the lines of the table, with what they are about. */
function writeTable(
  folder: string,
  rows: readonly RowResults[],
  [what, where, how]: ReturnType<typeof captionOf>,
): string[] {
  const table = tableOf(rows);
  const [tableFile, chartFile] = [join(folder, 'table.md'), join(folder, 'chart.svg')];
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    tableFile,
    `${[`${what}.`, `${where}.`, `\`${how}\``].join('\n')}\n\n${table.join('\n')}\n\n![](chart.svg)\n`,
  );
  writeFileSync(chartFile, chartOf(rows, what));
  return ['', what, where, '', ...table, '', `Table: ${tableFile}`, `Chart: ${chartFile}`];
}
