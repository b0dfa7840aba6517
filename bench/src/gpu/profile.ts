// Where the time of a step goes.
import { markdownTable } from '../harness.ts';
import { bytesOf, type Dispatch } from './counters.ts';

const SHOWN = 20;

/**
 * A line for each kernel, those that take longest first. `info` is what TF.js says of the times, `name: ms, name: ms`; the
 * dispatches are the same ones in the same order, and tell variants of a kernel apart.
 */
export function breakdown(info: string, dispatches: readonly Dispatch[]): string {
  const times = info.split(', ').map((part) => Number(part.slice(part.lastIndexOf(': ') + 2)));
  if (times.length !== dispatches.length) {
    throw new Error(`profile: ${times.length} times for ${dispatches.length} dispatches`);
  }
  const kernels = new Map<string, { calls: Dispatch[]; times: number[] }>();
  for (const [i, dispatch] of dispatches.entries()) {
    const { calls, times: own } = kernels.get(dispatch.kernel) ?? { calls: [], times: [] };
    kernels.set(dispatch.kernel, { calls: [...calls, dispatch], times: [...own, times[i]!] });
  }
  const total = sum(times);
  const first = [...kernels].sort(([, a], [, b]) => sum(b.times) - sum(a.times)).slice(0, SHOWN);
  const rows = first.map(([kernel, { calls, times: own }]) => [
    kernel,
    String(calls.length),
    sum(own).toFixed(3),
    `${((100 * sum(own)) / (total || 1)).toFixed(1)}%`,
    Math.max(...own).toFixed(3),
    (bytesOf(calls) / 1e6).toFixed(1),
    (bytesOf(calls) / (sum(own) || 1) / 1e6).toFixed(0),
  ]);
  return markdownTable(['kernel', 'calls', 'ms', 'share', 'longest, ms', 'MB bound', 'GB/s'], rows);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
