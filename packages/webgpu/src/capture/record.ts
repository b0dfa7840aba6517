// Runs a step once, listening: a call like any other, and a recording of it.
import { engine, type Tensor, type TensorContainer, tidy, Variable } from '@tensorflow/tfjs-core';
import { CaptureError } from '../errors.ts';
import type { Backend } from '../gpu/backend.ts';
import type { BufferPool } from '../memory/buffer-pool.ts';
import { type Command, copyOf, encode } from './commands.ts';
import { putTogether, takeApart } from './containers.ts';
import { copy, copyToNew, type Home, moveOut, separate, settle } from './homes.ts';
import { flush, Recorder } from './recorder.ts';
import { freshTensor, type Output, Recording } from './recording.ts';
import type { Trace } from './trace.ts';

export interface Recorded<Result extends TensorContainer> {
  /** Of this call, the program's own. */
  result: Result;
  recording: Recording<Result>;
  trace: Trace[];
  /** Why there can be no replay. */
  failure: CaptureError | undefined;
  /** Why this call is none to replay, though the next one may be: the first call of an optimizer makes its variables. */
  unsettled: CaptureError | undefined;
}

export function record<Result extends TensorContainer>(
  backend: Backend,
  pool: BufferPool,
  step: (...inputs: Tensor[]) => Result,
  inputs: readonly Tensor[],
): Recorded<Result> {
  for (const variable of Object.values(engine().registeredVariables)) {
    if (backend.tensorMap.has(variable.dataId) && variable.dtype !== 'complex64') separate(backend, pool, variable);
  }
  const recorder = new Recorder(backend, pool);
  const temporary: Tensor[] = [];
  try {
    const buffers = inputs.map((input) => pushProxy(temporary, backend, recorder, input));
    recorder.start();
    const { results, structure } = runStep(step, backend, recorder, temporary);
    const outputs = results.map((tensor) => outputOf(backend, tensor));
    recorder.stopListening();
    const fresh = outputs.map((output) => freshTensor(backend, pool, output));
    dispose(temporary);
    const { homes, finals, unsettled } = settleVariables(backend, pool, recorder);
    const both = homes.find(({ variable, written }) => written && inputs.includes(variable));
    if (both)
      recorder.fail('inputs, of which the step gets copies, must not be variables that it moves', both.variable.name);
    const outliving = evacuate(backend, pool, recorder);
    flush(backend);
    const { arena, commands, persistent, overwritten, tensors, reads, trace, failure } = recorder;
    const known = { persistent, overwritten, tensors, reads };
    const parts = { arena, commands, ...known, buffers, outputs, structure, homes, finals };
    const recording = new Recording<Result>(backend, pool, parts);
    recorder.stop();
    return {
      result: putTogether(structure, fresh),
      recording,
      trace,
      failure,
      unsettled: unsettled ?? outliving ?? recorder.unsettled,
    };
  } catch (error) {
    // Whatever the step did until then is done, and stays.
    recorder.stopListening();
    dispose(temporary);
    evacuate(backend, pool, recorder);
    flush(backend);
    recorder.stop();
    recorder.arena.dispose();
    throw error;
  }
}

/** A tensor in the recording's own memory with the values of an input. Returns its buffer. */
function pushProxy(tensors: Tensor[], backend: Backend, { arena, made }: Recorder, input: Tensor): GPUBuffer {
  backend.uploadToGPU(input.dataId);
  const { resource, dtype: held } = backend.tensorMap.get(input.dataId);
  const info = backend.makeTensorInfo(input.shape, input.dtype);
  const data = backend.tensorMap.get(info.dataId);
  // A buffer of the program's own may be larger, and of another use.
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const buffer = arena.acquireInput(4 * input.size, STORAGE | COPY_SRC | COPY_DST);
  data.resource = buffer;
  data.dtype = held;
  made.add(info.dataId);
  copy(backend, resource!, buffer);
  tensors.push(engine().makeTensorFromTensorInfo(info, backend as never));
  return buffer;
}

function runStep<Result extends TensorContainer>(
  step: (...inputs: Tensor[]) => Result,
  backend: Backend,
  recorder: Recorder,
  temporary: Tensor[],
) {
  const { variables } = recorder;
  const firstId = (engine() as unknown as { nextTensorId(): number }).nextTensorId();
  const inputs = [...temporary];
  const { tensors, structure } = takeApart(tidy(() => step(...inputs)));
  const gone = inputs.find(({ isDisposed }) => isDisposed);
  if (gone)
    recorder.fail('inputs, of which the step gets copies, must be disposed of by its caller', { shape: gone.shape });
  // The program gets copies; a tensor that was there before stays the program's.
  temporary.push(...tensors.filter((tensor) => tensor.id > firstId));
  for (const tensor of tensors) {
    if (tensor.dtype === 'string' || tensor.dtype === 'complex64' || tensor.size === 0) {
      const got = `${tensor.dtype} of shape [${tensor.shape.join(', ')}]`;
      throw new CaptureError('the step must return tensors of numbers, none of them empty or complex', got);
    }
    backend.uploadToGPU(tensor.dataId);
  }
  recorder.gives('result', tensors, JSON.stringify(structure));
  for (const [before, variable] of variables) {
    if (variable.isDisposed || variable.dataId === before) continue;
    backend.uploadToGPU(variable.dataId);
    recorder.gives(`new value of ${variable.name}`, [variable]);
  }
  return { results: tensors, structure };
}

function outputOf(backend: Backend, { dataId, shape, dtype }: Tensor): Output {
  const { resource, dtype: held } = backend.tensorMap.get(dataId);
  return { buffer: resource!, shape, dtype, held };
}

function dispose(tensors: readonly Tensor[]): void {
  for (const tensor of new Set(tensors)) if (!tensor.isDisposed && !(tensor instanceof Variable)) tensor.dispose();
}

/** Variables that the step assigned take their new values home, to the buffer that the recorded commands know. */
function settleVariables(backend: Backend, pool: BufferPool, recorder: Recorder) {
  const homes: Home[] = [];
  const moves: { variable: Variable; from: GPUBuffer; to: GPUBuffer }[] = [];
  // Where new values are before anybody moves out: they may be the old ones of another variable.
  const sources = new Map<Variable, GPUBuffer>();
  for (const [before, variable] of recorder.variables) {
    if (variable.isDisposed || variable.dataId === before) continue;
    sources.set(variable, backend.tensorMap.get(variable.dataId).resource!);
  }
  let unsettled: CaptureError | undefined;
  for (const [before, variable] of recorder.variables) {
    const home = recorder.buffers.get(before);
    if (variable.isDisposed) {
      unsettled ??= new CaptureError('the step must not dispose of variables', variable.name);
    } else if (sources.has(variable)) {
      const from = sources.get(variable)!;
      const { dtype } = backend.tensorMap.get(variable.dataId);
      const to = home ?? pool.acquireBuffer(from.size, from.usage);
      if (home) moveOut(backend, pool, home); // whoever shares the old values keeps them
      if (dtype !== recorder.types.get(before)) {
        recorder.fail('a variable must be assigned values of its own type in memory', dtype);
      }
      moves.push({ variable, from, to });
      homes.push({ variable, buffer: to, written: true });
    } else if (home && recorder.persistent.has(home)) {
      homes.push({ variable, buffer: home, written: recorder.overwritten.has(before) });
    }
  }
  // Of what the step itself moves, the host would know the values of one call only.
  for (const { variable, dataId } of recorder.reads) {
    if (variable.dataId === dataId && !recorder.overwritten.has(dataId)) continue;
    if (variable.dtype === 'complex64')
      recorder.fail('variables that the step moves must not be complex', variable.name);
    else recorder.failRead(variable.shape);
  }
  const finals = copies(moves, recorder);
  backend.ensureCommandEncoderReady();
  encode(finals, backend.commandEncoder!);
  for (const { variable, to } of moves) settle(backend, pool, variable, to);
  for (const { to } of moves) recorder.arena.foreign.delete(to);
  return { homes, finals, unsettled };
}

/** Copies in such an order that none overwrites what another one has yet to read: variables may change places. */
function copies(moves: readonly { from: GPUBuffer; to: GPUBuffer }[], { arena }: Recorder): Command[] {
  const targets = new Set(moves.map(({ to }) => to));
  const aside = new Map<GPUBuffer, GPUBuffer>();
  for (const { from } of moves) {
    if (targets.has(from)) aside.set(from, arena.acquireBuffer(from.size, from.usage));
  }
  const first = [...aside].map(([from, to]) => copyOf(from, to));
  return [...first, ...moves.map(({ from, to }) => copyOf(aside.get(from) ?? from, to))];
}

/** Takes what outlives the step out of the recording's memory, and says what it was. */
function evacuate(backend: Backend, pool: BufferPool, { made, arena }: Recorder): CaptureError | undefined {
  let unsettled: CaptureError | undefined;
  for (const dataId of made) {
    if (!backend.tensorMap.has(dataId)) continue;
    const data = backend.tensorMap.get(dataId);
    if (!data.resource || !arena.owns(data.resource)) continue;
    data.resource = copyToNew(backend, pool, data.resource);
    const rule = 'tensors of the step must not outlive it, but for those that it returns and the values of variables';
    unsettled ??= new CaptureError(rule, `one of shape [${data.shape.join(', ')}]`);
  }
  return unsettled;
}
