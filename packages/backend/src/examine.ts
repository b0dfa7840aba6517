// Is a backend ready? It is opened, made to compute, and given back.
import * as tf from '@tensorflow/tfjs-core';
import { type Engine, notReady, reportOf, Unavailable } from './engine.ts';
import { alreadyOpen, checkTimeout, type Machine, openOne } from './open.ts';
import type { BackendReport, ExamineOptions } from './types.ts';

/** Every backend of the machine, one after the other: two at once would fight for the same GPU memory. */
export async function examineAll(machine: Machine, options: ExamineOptions): Promise<BackendReport[]> {
  checkTimeout('doctor', options.timeout);
  const reports: BackendReport[] = [];
  for (const engine of machine.engines) {
    reports.push((await machine.examine?.(engine, options)) ?? (await withoutChild(engine, machine, options)));
  }
  return reports;
}

function withoutChild(
  engine: Engine,
  machine: Machine,
  options: ExamineOptions,
): BackendReport | Promise<BackendReport> {
  if (!engine.native || !machine.examine) return examineHere(engine, options);
  const mend = 'see that this process may start others, and that a bundle ships the files of @stridelab/backend';
  return notReady(engine.name, 'failed', 'no child process could be started to try it in', mend);
}

/** In this process, and so for a child process or for a browser. */
export async function examineHere(engine: Engine, options: ExamineOptions = {}): Promise<BackendReport> {
  const { name } = engine;
  const before = tf.engine().backendName;
  try {
    const open = alreadyOpen(name);
    if (open) return { name, ready: true, state: 'ready', device: open.device };
    const backend = await openOne(engine, options, { notes: [], tell() {} });
    try {
      await backend.guard(checkThatItComputes);
      return { name, ready: true, state: 'ready', device: backend.device };
    } finally {
      await backend.dispose();
    }
  } catch (error) {
    return reportOf(name, error);
  } finally {
    if (before && before in tf.engine().registryFactory) await tf.setBackend(before);
  }
}

/** A convolution: what training needs, and what a half-installed GPU library fails at (cuDNN). */
async function checkThatItComputes(): Promise<void> {
  const sums = tf.tidy(() => {
    const image = tf.ones<tf.Rank.R4>([1, 4, 4, 2]);
    const filters = tf.ones<tf.Rank.R4>([3, 3, 2, 3]);
    return tf.sum(tf.conv2d(image, filters, 1, 'valid'));
  });
  try {
    const [sum] = await sums.data();
    // 2 x 2 places, 3 filters, each the sum of 3 x 3 x 2 ones.
    if (sum !== 216) throw new Unavailable('failed', `a convolution of ones sums to ${sum}, and must to 216`);
  } finally {
    sums.dispose();
  }
}
