// openBackend, for any list of engines.
import { areOptions } from '@stridelab/errors';
import { Lifetime } from '@stridelab/gpu-device';
import * as tf from '@tensorflow/tfjs-core';
import { type Engine, type OpenRequest, reportOf } from './engine.ts';
import { BackendError, DeviceLostError } from './errors.ts';
import type {
  BackendName,
  BackendReport,
  ExamineOptions,
  Notice,
  OpenedBackend,
  OpenOptions,
  Precision,
} from './types.ts';

export interface Machine {
  engines: readonly Engine[];
  /** Tried in this order where the caller has no preference. */
  order: readonly BackendName[];
  /** Tries a backend where a crash does no harm; nothing where that cannot be done. */
  examine?(engine: Engine, options: ExamineOptions): Promise<BackendReport | undefined>;
}

const PRECISIONS = ['float32', 'exact', 'float16'];
const opened = new Map<BackendName, OpenedBackend>();
let turn: Promise<unknown> = Promise.resolve();

export async function openOn(machine: Machine, options: OpenOptions): Promise<OpenedBackend> {
  checkOptions(machine, options);
  // One at a time: TF.js has one current backend.
  const mine = turn.then(() => openFirst(machine, options));
  turn = mine.catch(() => undefined);
  return mine;
}

const OPTIONS = ['prefer', 'precision', 'onNotice', 'timeout', 'boundsChecks', 'threads', 'wasmPath'];

function checkOptions({ engines }: Machine, options: OpenOptions): void {
  // A name in the place of options, as tf.setBackend takes it, would open any backend.
  if (!areOptions(options, OPTIONS)) {
    throw new BackendError('openBackend', `options must be some of {${OPTIONS.join(', ')}}`, options);
  }
  const { prefer, precision = 'float32', timeout, boundsChecks = true, threads = 1 } = options;
  const names = engines.map(({ name }) => name);
  const isKnown = (name: BackendName) => names.includes(name);
  const right = prefer === undefined || (Array.isArray(prefer) && prefer.length > 0 && prefer.every(isKnown));
  if (!right) throw new BackendError('openBackend', `prefer must list some of ${names.join(', ')}`, prefer);
  if (!PRECISIONS.includes(precision)) {
    throw new BackendError('openBackend', `precision must be one of ${PRECISIONS.join(', ')}`, precision);
  }
  if (typeof boundsChecks !== 'boolean') {
    throw new BackendError('openBackend', 'boundsChecks must be true or false', boundsChecks);
  }
  if (!Number.isInteger(threads) || threads < 1) {
    throw new BackendError('openBackend', 'threads must be a whole number >= 1', threads);
  }
  checkTimeout('openBackend', timeout);
}

export function checkTimeout(operation: string, timeout: number | undefined): void {
  if (timeout === undefined || timeout > 0) return;
  throw new BackendError(operation, 'timeout must be a number of milliseconds > 0', timeout);
}

async function openFirst(machine: Machine, options: OpenOptions): Promise<OpenedBackend> {
  const before = tf.engine().backendName;
  const notes: Notice[] = [];
  const tell = (notice: Notice) => {
    notes.push(notice);
    options.onNotice?.(notice);
  };
  const wanted = [...new Set(options.prefer ?? machine.order)];
  for (const name of wanted) {
    const engine = machine.engines.find((candidate) => candidate.name === name)!;
    const again = alreadyOpen(name);
    // A program may have taken it out of TF.js's registry itself.
    const stillThere = again && again.tfBackend in tf.engine().registryFactory;
    if (stillThere && (await tf.setBackend(again.tfBackend))) {
      const { precision = again.precision } = options;
      const differs = kindOf(engine, precision) !== kindOf(engine, again.precision);
      if (differs)
        options.onNotice?.({ backend: name, reason: `is open already, with precision '${again.precision}'` });
      return again;
    }
    const examined = engine.native ? await machine.examine?.(engine, options) : undefined;
    if (examined && !examined.ready) {
      tell(noticeOf(examined));
      continue;
    }
    if (engine.native && machine.examine && !examined) {
      tell({ backend: name, reason: 'could not be tried in a child process, and is opened without' });
    }
    try {
      return await openOne(engine, options, { notes, tell, device: examined?.device });
    } catch (error) {
      tell(noticeOf(reportOf(name, error)));
      // A library may have made itself current before it failed.
      if (before && before in tf.engine().registryFactory) await tf.setBackend(before);
    }
  }
  throw noneIsReady(wanted, notes);
}

/** Precisions between which a backend makes no difference are one. */
function kindOf({ tellsApart = [] }: Engine, precision: Precision): Precision {
  return tellsApart.includes(precision) ? precision : 'float32';
}

/** A second call gets what the first one got. */
export function alreadyOpen(name: BackendName): OpenedBackend | undefined {
  return opened.get(name);
}

interface Context {
  notes: readonly Notice[];
  tell(notice: Notice): void;
  /** The device in words, where something knew more than the engine does. */
  device?: string;
}

/** Opens one engine, without asking whether it is the best. */
export async function openOne(
  engine: Engine,
  { precision = 'float32', wasmPath, boundsChecks, threads }: OpenOptions,
  context: Context,
): Promise<OpenedBackend> {
  const { name } = engine;
  const lifetime = new Lifetime((...words) => new DeviceLostError(...words));
  const notice: OpenRequest['notice'] = (said) => context.tell({ backend: name, ...said });
  const running = await engine.open({ precision, lifetime, notice, wasmPath, boundsChecks, threads });
  const { notes, device = running.device } = context;
  let closing: Promise<void> | undefined;
  const handle: OpenedBackend = {
    name,
    device,
    notes,
    tfBackend: running.tfBackend,
    precision: running.precision ?? (precision === 'exact' ? 'exact' : 'float32'),
    lost: lifetime.lost,
    guard: (work) => lifetime.guard(work),
    dispose() {
      closing ??= (async () => {
        lifetime.lose(device, 'destroyed', 'dispose() was called');
        await running.close();
      })();
      return closing;
    },
  };
  opened.set(name, handle);
  // What is lost is not handed out again.
  void lifetime.lost.then(() => alreadyOpen(name) === handle && opened.delete(name));
  return handle;
}

function noticeOf({ name, reason, mend }: BackendReport): Notice {
  return { backend: name, reason: reason!, ...(mend && { mend }) };
}

function noneIsReady(wanted: readonly BackendName[], notes: Notice[]): BackendError {
  const reasons = notes.map(({ backend, reason, mend }) => `${backend}: ${reason}${mend ? ` (mend: ${mend})` : ''}`);
  return new BackendError('openBackend', `one of prefer must be ready here; ${reasons.join('; ')}`, wanted);
}
