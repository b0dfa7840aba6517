// ResNet-18's training step: ours in every way that this revision has, and TF.js's own.
import { tuneProducts } from '@stridelab/webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { markdownTable } from '../harness.ts';
import { stockNetwork } from '../stock-network.ts';
import { type Rounds, type StepTimes, timed, turn } from './clock.ts';
import { bytesOf, countCommands } from './counters.ts';
import { openGpu, openPlainGpu, type Precision, setPrecision, tuneCandidates, withStock } from './device.ts';
import { captured, network, ours, sizeFor, stock, type Training, training, WEIGHT_DECAY } from './networks.ts';
import { breakdown } from './profile.ts';
import type { Context, PeerName, Section } from './section.ts';

type Kind = PeerName;

/** What a row is about. */
function nameOf(kind: Kind, context: Context): string {
  const { depth, strides } = sizeFor(context);
  const moving = strides.filter((stride) => stride > 1).join();
  return `ResNet-${depth}, ${kind === 'strided' ? 'strided' : `DiffStride ${moving}`}`;
}

const ASKED: Record<Kind, string> = {
  strided: "<= 1.5 x the peer's best; first 20 ms",
  diffstride: "<= the peer's best; first 2 x it",
};

const roundsFor = ({ tiny }: Context): Rounds =>
  tiny ? { warmUp: 1, rounds: 1, calls: 1 } : { warmUp: 10, rounds: 5, calls: 20 };
/** The first calls are recorded, and not replayed. */
const recordedRoundsFor = (context: Context): Rounds => {
  const rounds = roundsFor(context);
  return { ...rounds, warmUp: Math.max(5, rounds.warmUp) };
};
/** It takes a second a step. */
const stockRoundsFor = ({ tiny }: Context): Rounds =>
  tiny ? { warmUp: 1, rounds: 1, calls: 1 } : { warmUp: 2, rounds: 3, calls: 2 };

/** A step of some kind, made anew in `precision`, given to `work`. */
async function withStep<T>(
  kind: Kind,
  context: Context,
  precision: Precision,
  work: (made: Training) => Promise<T>,
): Promise<T> {
  setPrecision(precision);
  const size = sizeFor(context);
  const made = training(network(kind, size), ours(), size);
  try {
    if (tuneCandidates !== undefined) await tune(kind, context, precision, made, tuneCandidates);
    return await work(made);
  } finally {
    made.dispose();
    setPrecision('fast');
  }
}

/** Shows what became faster. */
async function tune(
  kind: Kind,
  context: Context,
  precision: Precision,
  { step, images, labels }: Training,
  candidates: number,
): Promise<void> {
  step(images, labels).dispose();
  await turn();
  const start = performance.now();
  const tuned = await tuneProducts(() => step(images, labels), { candidates });
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const faster = tuned.filter(({ best, before }) => best !== before);
  const rows = faster.map(({ name, size: { batch, rows, inner, columns }, best, before, ms, msBefore }) => [
    `${name} ${batch > 1 ? `${batch} x ` : ''}${rows} x ${inner} x ${columns}`,
    ...[before, msBefore.toFixed(3), best, ms.toFixed(3)],
  ]);
  const what = `${nameOf(kind, context)}, ${precision}: ${faster.length} of ${tuned.length} products tuned in ${seconds} s`;
  context.line(`\n${what}:\n\n${markdownTable(['product', 'before', 'ms', 'now', 'ms'], rows)}`);
}

function rowsOfTimes(context: Context, kind: Kind, how: string, { ms, cpuMs }: StepTimes): void {
  const what = `${nameOf(kind, context)}: step, ${how}`;
  const asked = how === 'fast, captured' ? ASKED[kind] : undefined;
  context.row({ what, value: ms, unit: 'ms', peer: kind, ...(asked && { asked }) });
  const cpuAsked = how.includes('captured') && !how.includes('uncaptured') ? { asked: '<= 2 ms' } : {};
  context.row({ what: `${what}: CPU`, value: cpuMs, unit: 'ms', ...cpuAsked });
}

async function stepsOf(kind: Kind, context: Context): Promise<void> {
  await openGpu();
  for (const precision of ['fast', 'exact'] as const) {
    await withStep(kind, context, precision, async (made) => {
      const run = () => made.step(made.images, made.labels);
      rowsOfTimes(context, kind, `${precision}, uncaptured`, await timed(run, roundsFor(context)));
      if (precision === 'fast') await countsOf(kind, context, run);
      const { step, dispose } = await captured(made);
      rowsOfTimes(context, kind, `${precision}, captured`, await timed(step, recordedRoundsFor(context)));
      dispose();
    });
  }
}

async function countsOf(kind: Kind, context: Context, step: () => tf.Scalar): Promise<void> {
  await turn();
  const { dispatches, submits } = await countCommands(() => step().dispose());
  const { numBytesAllocatedInGPU } = tf.memory() as unknown as { numBytesAllocatedInGPU: number };
  context.row({ what: `${nameOf(kind, context)}: dispatches of a step`, value: dispatches.length, unit: '' });
  context.row({ what: `${nameOf(kind, context)}: submissions of a step, uncaptured`, value: submits, unit: '' });
  context.row({
    what: `${nameOf(kind, context)}: bytes that its dispatches bind`,
    value: bytesOf(dispatches) / 1e9,
    unit: 'GB',
  });
  context.row({ what: `${nameOf(kind, context)}: GPU memory held`, value: numBytesAllocatedInGPU / 1e9, unit: 'GB' });
}

async function stockTimes(context: Context): Promise<StepTimes> {
  return withStock(async () => {
    const size = sizeFor(context);
    const model = await stockNetwork(network('strided', size), { l2: WEIGHT_DECAY / 2, outputs: 'logits' });
    const made = training(model, stock(model), size);
    const times = await timed(() => made.step(made.images, made.labels), stockRoundsFor(context));
    made.dispose();
    return times;
  });
}

async function stockStep(context: Context): Promise<void> {
  await openPlainGpu();
  const { ms, cpuMs } = await stockTimes(context);
  context.row({ what: `${nameOf('strided', context)}: step, stock TF.js`, value: ms, unit: 'ms', peer: 'strided' });
  context.row({ what: `${nameOf('strided', context)}: step, stock TF.js: CPU`, value: cpuMs, unit: 'ms' });
}

/** What a browser or another GPU has. */
async function plainStep(context: Context): Promise<void> {
  await openGpu();
  const { ms: stockMs } = await stockTimes(context);
  await withStep('strided', context, 'fast', async (made) => {
    const { step, dispose } = await captured(made);
    const { ms } = await timed(step, recordedRoundsFor(context));
    const what = `${nameOf('strided', context)}: step without matrix units, captured`;
    context.row({ what, value: ms, unit: 'ms', stock: stockMs, asked: '>= 5 x stock' });
    dispose();
  });
}

/** Where a step's time goes, kernel by kernel: each dispatch in a pass of its own, between two timestamps. */
async function profile(context: Context): Promise<void> {
  await openGpu();
  if (!(tf.backend() as unknown as { supportTimestampQuery: boolean }).supportTimestampQuery) {
    context.absent('timestamp queries, on this device');
    return;
  }
  for (const kind of ['strided', 'diffstride'] as const) {
    await withStep(kind, context, 'fast', async ({ step, images, labels }) => {
      for (let i = 0; i < 2; i++) {
        step(images, labels).dispose();
        await turn();
      }
      let timing: Timing | undefined;
      const { dispatches } = await countCommands(async () => {
        timing = (await tf.time(() => step(images, labels).dispose())) as unknown as Timing;
      });
      const { kernelMs, getExtraProfileInfo } = timing!;
      context.row({ what: `${nameOf(kind, context)}: sum of its kernels' times`, value: kernelMs, unit: 'ms' });
      context.line(
        `\nKernels of one step, ${nameOf(kind, context)}, the 20 that take longest of ${kernelMs.toFixed(2)} ms:\n`,
      );
      context.line(breakdown(getExtraProfileInfo(), dispatches));
    });
  }
}

interface Timing {
  kernelMs: number;
  /** `name: ms, name: ms`, a dispatch each. */
  getExtraProfileInfo(): string;
}

export const stepSections: readonly Section[] = [
  { name: 'strided', features: 'all', run: (context) => stepsOf('strided', context) },
  { name: 'diffstride', features: 'all', run: (context) => stepsOf('diffstride', context) },
  { name: 'stock', features: 'all', run: stockStep },
  { name: 'plain', features: 'none', run: plainStep },
  { name: 'profile', features: 'all', run: profile },
];
