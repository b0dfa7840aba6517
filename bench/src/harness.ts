// How everything here is timed: inputs outside of the timer, the result awaited, the rivals in turn so that a drift of
// the machine's speed hits all of them, medians of several rounds.
import type { BackendName } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';

export interface BenchmarkContext {
  backends: BackendName[];
  rounds: number;
  print(line: string): void;
}

export interface Benchmark {
  title: string;
  run(context: BenchmarkContext): Promise<void>;
}

/** Work to time. It returns what it made; the harness waits for it and disposes of it. */
export type Work = () => tf.Tensor | tf.Tensor[];

export interface Timing {
  /** Milliseconds of one call. */
  median: number;
  min: number;
  max: number;
  /** In the order of the rounds. */
  samples: number[];
}

/** Milliseconds since some moment. */
type Clock = () => number;

/** Of this process's work on all its threads: what other programs do meanwhile does not count. Not for a GPU's work. */
export const processorTime: Clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const wallTime: Clock = () => performance.now();

/** A sample is at least this long, so that the clock's grain and one garbage collection do not show. */
const SAMPLE_MS = 25;

/** Times every rival `rounds` times in turn, after a warm-up of each. */
export async function race<Name extends string>(
  rivals: Record<Name, Work>,
  { rounds, clock = wallTime }: { rounds: number; clock?: Clock },
): Promise<Record<Name, Timing>> {
  const names = Object.keys(rivals) as Name[];
  const calls = {} as Record<Name, number>;
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  const enough = {} as Record<Name, number>;
  for (const name of names) {
    const first = await time(rivals[name], 1, clock); // compiles, allocates, fills caches
    // What takes seconds has no cold start to speak of, and three rounds of it are as many as anybody waits for.
    const slow = first > 3000;
    calls[name] = slow ? 1 : Math.max(1, Math.ceil(SAMPLE_MS / (await time(rivals[name], 1, clock))));
    enough[name] = slow ? Math.min(rounds, 3) : rounds;
  }
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      if (round < enough[name]) samples[name].push((await time(rivals[name], calls[name], clock)) / calls[name]);
    }
  }
  return Object.fromEntries(names.map((name) => [name, summarize(samples[name])])) as Record<Name, Timing>;
}

/** Milliseconds of `calls` calls, until the last result is there. */
async function time(work: Work, calls: number, clock: Clock): Promise<number> {
  const start = clock();
  let last: tf.Tensor[] = [];
  for (let call = 0; call < calls; call++) {
    for (const tensor of last) tensor.dispose();
    last = [tf.tidy(work)].flat();
  }
  // The other backends have computed when they return. Of a GPU one element is enough to wait for all, and cheap to fetch.
  if (tf.getBackend() === 'webgpu') await Promise.all(last.map(firstElement));
  const elapsed = clock() - start;
  for (const tensor of last) tensor.dispose();
  return elapsed;
}

async function firstElement(tensor: tf.Tensor): Promise<void> {
  const probe = tf.tidy(() => tf.slice(tf.reshape(tensor, [-1]), 0, 1));
  await probe.data();
  probe.dispose();
}

export function summarize(samples: number[]): Timing {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)!, samples };
}

/**
 * How long `timing` takes as a share of `base`: the median of the rounds' own ratios, which a slow moment of the machine hits
 * above and below the line, and the ratio of the fastest samples, which it does not hit at all.
 */
export function ratio(timing: Timing, base: Timing): { median: number; fastest: number } {
  const rounds = Math.min(timing.samples.length, base.samples.length);
  const ratios = Array.from({ length: rounds }, (_, round) => timing.samples[round]! / base.samples[round]!);
  return { median: summarize(ratios).median, fastest: timing.min / base.min };
}

/** Gradient of sum(f(x) * dy) with respect to each input, as one piece of work: forward and backward. */
export function forwardAndBackward(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[], dy: tf.Tensor): Work {
  const gradients = tf.grads(f);
  return () => gradients(inputs, dy);
}

export function milliseconds({ median }: Timing): string {
  return median >= 100 ? median.toFixed(0) : median >= 10 ? median.toFixed(1) : median.toFixed(2);
}

export function markdownTable(header: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
