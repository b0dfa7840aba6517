// A step of a training, recorded once and replayed.
import { backend, engine, env, getBackend, type Tensor, type TensorContainer, tidy } from '@tensorflow/tfjs-core';
import { CaptureError } from '../errors.ts';
import { timesSettled } from '../gemm/choose.ts';
import { type Backend, internalsOf } from '../gpu/backend.ts';
import { recordingOn } from '../gpu/recordings.ts';
import { memoryOf } from '../memory/memory.ts';
import { getPrecision } from '../precision.ts';
import { areRegistered } from '../registered.ts';
import { takeApart } from './containers.ts';
import { Kept } from './kept.ts';
import { record } from './record.ts';
import type { Recording } from './recording.ts';
import type { DispatchTime } from './stopwatch.ts';
import { firstDifference } from './trace.ts';

export interface CaptureOptions {
  /**
   * What the step's operations and numbers depend on beside the shapes and types of its inputs, such as the strides that
   * decide how large maps are, or a learning rate that is no input. Where it changes, the step is recorded anew.
   */
  key?: () => string;
  /**
   * Bytes that all recordings together may hold, the one in use apart. The least recently used goes first. Default: three
   * times as much as the largest of them. Where the device has no room, all are given back.
   */
  maxBytes?: number;
  /**
   * Hears why a step cannot be recorded, which is then run as it is, call by call. Without it, that is an error, thrown by
   * the call that found it out.
   */
  onRefused?: (error: CaptureError) => void;
}

export interface CapturedStep<Inputs extends readonly Tensor[], Result extends TensorContainer> {
  /** The step's result; its tensors are the caller's. */
  (...inputs: Inputs): Result;
  /** A call, and what each dispatch took on the device. Only a step that is being replayed can be timed. */
  time(...inputs: Inputs): Promise<{ result: Result; dispatches: DispatchTime[] }>;
  readonly statistics: CaptureStatistics;
  /** Gives all recordings back. A later call begins anew. */
  dispose(): void;
}

export interface CaptureStatistics {
  /** Calls that were replays. */
  replays: number;
  recordings: number;
  /** Of memory that belongs to the recordings. */
  bytes: number;
  /** Programs that the recording used last runs. */
  dispatches: number;
}

/** Calls that may differ from the one before them, as the first calls of a program do, until it is an error. */
const SETTLING = 4;

/**
 * Records what a step does on a WebGPU device, once, and from then on has the device do it again with new inputs: what
 * JavaScript computes on the way is computed no more. The results are those of the step itself, bit for bit.
 *
 * A step takes tensors and returns tensors; it may assign variables. It must do the same in every call: its first two calls
 * are compared, in what they run and in every number that the host computes. What changes only later is not seen, since the
 * step's JavaScript runs no more: it has to be an input, a variable, or part of the `key`. On another backend it runs as it is.
 *
 *     const train = captureStep((images, labels, rate) => ...);
 *     const loss = train(images, labels, rate);
 */
export function captureStep<Inputs extends Tensor[], Result extends TensorContainer>(
  step: (...inputs: Inputs) => Result,
  { key = () => '', maxBytes, onRefused }: CaptureOptions = {},
): CapturedStep<Inputs, Result> {
  if (typeof step !== 'function') throw new CaptureError('step must be a function', step);
  if (maxBytes !== undefined && !(maxBytes >= 0)) throw new CaptureError('maxBytes must be a number >= 0', maxBytes);
  const run = step as unknown as (...inputs: Tensor[]) => Result;
  const kept = new Kept<Result>(maxBytes);
  const count = { replays: 0 };
  let device: Backend | undefined;
  let settled = timesSettled();
  let endListening = () => {};
  let refused = false;
  /** Of the call before. */
  let last: string | undefined;

  function dispose(): void {
    kept.dispose();
    endListening();
    endListening = () => {};
    device = undefined;
  }

  function recordingFor(inputs: Inputs): { name: string; recording: Recording<Result> | undefined } {
    const current = internalsOf(backend());
    if (current !== device || settled !== timesSettled()) {
      dispose(); // another device has other buffers, and products that were tuned are made in another way
      device = current;
      settled = timesSettled();
      // A step that was recorded while there was no room refers to buffers without memory.
      endListening = memoryOf(device).whenFull(dispose);
    }
    const kernels = `${areRegistered() ? 'registered' : 'stock'} ${getPrecision()}`;
    const name = `${kernels}|${key()}|${inputs.map((input, i) => describe(current, input, i)).join('|')}`;
    return { name, recording: kept.use(name) };
  }

  function listen(name: string, inputs: Inputs): Result {
    const { result, recording, trace, failure, unsettled } = record(device!, memoryOf(device!), run, inputs);
    const before = kept.candidate(name);
    // What another step did in between may have changed what this one does.
    const calls = (last === name && before ? before.calls : 0) + 1;
    const difference = before && firstDifference(before.trace, trace);
    kept.forgetCandidate(name);
    const error = failure ?? (difference && !difference.mayPass ? difference.error : undefined);
    const wait = unsettled ?? difference?.error;
    if (!error && !wait && before) {
      kept.add(name, recording);
      return result;
    }
    kept.addCandidate(name, { calls, trace, recording });
    const refusal = error ?? (calls >= SETTLING ? wait : undefined);
    if (refusal) refuse(refusal, result);
    return result;
  }

  function refuse(error: CaptureError, result: Result): void {
    if (onRefused) {
      refused = true;
      dispose(); // no recording is used again
      onRefused(error);
      return;
    }
    kept.forgetCandidates();
    for (const tensor of takeApart(result).tensors) tensor.dispose();
    throw error;
  }

  const captured = (...inputs: Inputs): Result => {
    checkPlace();
    if (refused || getBackend() !== 'webgpu' || isWatched()) return tidy(() => step(...inputs));
    const { name, recording } = recordingFor(inputs);
    const replayed = recording ? recording.replay(inputs) : listen(name, inputs);
    if (recording) count.replays++;
    last = name;
    return replayed;
  };

  const methods = {
    time(...inputs: Inputs) {
      checkPlace();
      const { recording } = recordingFor(inputs);
      if (!recording) throw new CaptureError('a step must have been recorded to be timed', count);
      count.replays++;
      return recording.time(inputs);
    },
    dispose,
  };
  const get = (): CaptureStatistics => {
    return { ...count, recordings: kept.size, bytes: kept.bytes, dispatches: kept.newest?.dispatches ?? 0 };
  };
  return Object.defineProperty(Object.assign(captured, methods), 'statistics', { get }) as never;
}

/** Whether TF.js looks at each kernel by itself, or only compiles them: what it then does is not what a replay would do. */
function isWatched(): boolean {
  const flags = ['WEBGPU_ENGINE_COMPILE_ONLY', 'DEBUG'].some((name) => env().getBool(name));
  return flags || engine().state.profiling || !!internalsOf(backend()).activeTimers;
}

function checkPlace(): void {
  if (engine().isTapeOn()) {
    throw new CaptureError('a recorded step must not be called where a gradient is taken of it', 'a call under a tape');
  }
  const open = getBackend() === 'webgpu' && recordingOn(internalsOf(backend()));
  if (open) throw new CaptureError('a step must not be called within another one that is recorded', 'such a call');
}

function describe({ tensorMap }: Backend, input: Tensor, i: number): string {
  const usable = input?.dataId && !input.isDisposed && input.dtype !== 'string' && input.dtype !== 'complex64';
  if (!usable || input.size === 0) {
    throw new CaptureError(`input ${i} must be a tensor of numbers, neither empty nor complex`, input);
  }
  return `${input.dtype} ${tensorMap.get(input.dataId).dtype} ${input.shape.join()}`;
}
