// What a kernel has to know of steps that are recorded once and replayed.
import type { Backend } from './backend.ts';

/** A recording under way. */
export interface ActiveRecording {
  /** A kernel is about to overwrite this tensor's memory. */
  overwrites(dataId: object): void;
}

const active = new WeakMap<Backend, ActiveRecording>();
const listeners = new Set<(backend: Backend) => void>();

export function recordingOn(backend: Backend): ActiveRecording | undefined {
  return active.get(backend);
}

/**
 * Calls `forget` when a recording starts and when it ends. A kernel that remembers tensors from one call to the next, such as
 * their scales, must forget them then, and give back what it holds: a recording has to hold all that its replays compute, and
 * what was computed in a recording lies in memory of its own. Returns what ends this.
 */
export function forgetAtRecordings(forget: (backend: Backend) => void): () => void {
  listeners.add(forget);
  return () => void listeners.delete(forget);
}

export function startRecording(backend: Backend, recording: ActiveRecording): void {
  for (const forget of listeners) forget(backend);
  active.set(backend, recording);
}

export function endRecording(backend: Backend): void {
  active.delete(backend);
  for (const forget of listeners) forget(backend);
}
