// What a step did, so that two calls can be compared: a replay does what the recorded call did, so every call must.
import type { DataType } from '@tensorflow/tfjs-core';
import { CaptureError } from '../errors.ts';

/** A buffer as two calls of one step both know it: by name, or, if it is of neither, itself. */
export type BufferName = string | GPUBuffer;

export type Trace =
  | { kind: 'command'; name: string; details: readonly unknown[]; buffers: readonly BufferName[] }
  /** A tensor whose values the host computed. */
  | { kind: 'upload'; dtype: DataType; shape: readonly number[]; bytes: Uint8Array }
  /** The host looked at values of a variable that it had. */
  | { kind: 'read'; dataId: object; version: number }
  /** Arguments of the next command. */
  | { kind: 'arguments'; bytes: Uint8Array };

export interface Difference {
  error: CaptureError;
  /** The calls did other things, and not the same things with other values: perhaps because one was the first. */
  mayPass: boolean;
}

export function firstDifference(before: readonly Trace[], after: readonly Trace[]): Difference | undefined {
  const other = after.findIndex((now, i) => !before[i] || !sameKind(before[i], now));
  if (other >= 0 || before.length > after.length) {
    const at = other >= 0 ? other : after.length;
    return { error: commandError(before[at], after[at]), mayPass: true };
  }
  // Only where everything else is the same do other values mean that it is they that change.
  const changed = after.findIndex((now, i) => 'bytes' in now && !sameBytes(now.bytes, (before[i] as typeof now).bytes));
  return changed < 0 ? undefined : { error: valueError(after[changed]!, after.slice(changed)), mayPass: false };
}

function sameKind(was: Trace, now: Trace): boolean {
  if (was.kind === 'command' && now.kind === 'command') {
    return was.name === now.name && sameList(was.details, now.details) && sameList(was.buffers, now.buffers);
  }
  if (was.kind === 'upload' && now.kind === 'upload') return was.dtype === now.dtype && sameList(was.shape, now.shape);
  if (was.kind === 'read' && now.kind === 'read') return was.dataId === now.dataId && was.version === now.version;
  return was.kind === 'arguments' && now.kind === 'arguments' && was.bytes.length === now.bytes.length;
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const INPUT = 'pass it as an input';

function valueError(now: Trace, rest: readonly Trace[]): CaptureError {
  if (now.kind === 'upload') {
    const rule = `what the host computes must be the same in every call, or ${INPUT}`;
    return new CaptureError(rule, `other values in a ${now.dtype} tensor of shape [${now.shape.join(', ')}]`);
  }
  const name = rest.find((trace) => trace.kind === 'command')?.name;
  return new CaptureError(`numbers must be the same in every call, or ${INPUT} that is a tensor`, `another in ${name}`);
}

function commandError(was: Trace | undefined, now: Trace | undefined): CaptureError {
  if (
    was?.kind === 'command' &&
    now?.kind === 'command' &&
    was.name === now.name &&
    sameList(was.details, now.details)
  ) {
    return new CaptureError(
      `the tensors of the program that it reads must be the same in every call; if not, ${INPUT}`,
      now.name,
    );
  }
  const rule = 'the step must run the same operations in every call, or say by `key` what they depend on';
  return new CaptureError(rule, `${described(now)} in the place of ${described(was)}`);
}

function described(trace: Trace | undefined): string {
  if (!trace) return 'nothing';
  if (trace.kind === 'command') return trace.name;
  if (trace.kind === 'read') return 'a read of a variable';
  return trace.kind === 'upload' ? `an upload of shape [${trace.shape.join(', ')}]` : 'other arguments';
}
