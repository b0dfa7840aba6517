// What a step keeps between its calls: recordings, and calls that were listened to once; of both no more than is of use.
import type { TensorContainer } from '@tensorflow/tfjs-core';
import type { Recording } from './recording.ts';
import type { Trace } from './trace.ts';

/** What recordings that are not in use may hold, as a multiple of the largest one. */
const SPARE = 3;

/** A program that turns to more keys than these from one call to the next gets none of them recorded. */
const CANDIDATES = 8;

/** A call that was listened to, and that the next one has to do the same as. */
export interface Candidate {
  calls: number;
  trace: Trace[];
  /** Holds no more than the program's buffers: what lies elsewhere in the next call is another tensor. */
  recording: { shrink(): void; dispose(): void };
}

export class Kept<Result extends TensorContainer> {
  private readonly maxBytes: number | undefined;
  /** By name, the one used last at the end. */
  private readonly recordings = new Map<string, Recording<Result>>();
  private readonly candidates = new Map<string, Candidate>();

  constructor(maxBytes: number | undefined) {
    this.maxBytes = maxBytes;
  }

  get bytes(): number {
    return [...this.recordings.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get size(): number {
    return this.recordings.size;
  }

  get newest(): Recording<Result> | undefined {
    return [...this.recordings.values()].at(-1);
  }

  /** The recording of that name, if there is one and it is still true. */
  use(name: string): Recording<Result> | undefined {
    const recording = this.recordings.get(name);
    this.recordings.delete(name);
    if (recording?.isTrue) {
      this.recordings.set(name, recording);
      return recording;
    }
    recording?.dispose();
    return undefined;
  }

  add(name: string, recording: Recording<Result>): void {
    this.recordings.set(name, recording);
    const sizes = [...this.recordings.values()].map(({ bytes }) => bytes);
    const most = this.maxBytes ?? SPARE * Math.max(...sizes);
    let bytes = this.bytes - recording.bytes;
    for (const [old, { bytes: less }] of this.recordings) {
      if (bytes <= most) return;
      bytes -= less;
      this.recordings.get(old)!.dispose();
      this.recordings.delete(old);
    }
  }

  candidate(name: string): Candidate | undefined {
    return this.candidates.get(name);
  }

  addCandidate(name: string, candidate: Candidate): void {
    candidate.recording.shrink();
    this.candidates.set(name, candidate);
    for (const old of this.candidates.keys()) {
      if (this.candidates.size <= CANDIDATES) return;
      this.forgetCandidate(old);
    }
  }

  forgetCandidate(name: string): void {
    this.candidates.get(name)?.recording.dispose();
    this.candidates.delete(name);
  }

  forgetCandidates(): void {
    for (const name of this.candidates.keys()) this.forgetCandidate(name);
  }

  dispose(): void {
    for (const recording of this.recordings.values()) recording.dispose();
    this.recordings.clear();
    this.forgetCandidates();
  }
}
