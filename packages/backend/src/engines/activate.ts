// TF.js's registry of backends: starting one so that the reason of a failure is known, and giving it back.
import * as tf from '@tensorflow/tfjs-core';
import { firstLine, Unavailable } from '../engine.ts';

/**
 * Makes `name` current, as the instance `own` where one is given. Returns what undoes it: a backend that ran before this
 * call goes on running.
 */
export async function activate(name: string, own?: tf.KernelBackend): Promise<() => void> {
  const engine = tf.engine();
  const registered = engine.registryFactory[name];
  if (!registered && !own) throw new Unavailable('failed', `nothing registered a backend named '${name}' in TF.js`);
  if (name in engine.registry && !own) {
    await tf.setBackend(name);
    return () => {};
  }
  // TF.js prints the error of a failing factory and keeps it to itself: run the factory here instead.
  const backend = own ?? (await registered!.factory());
  if (registered) tf.removeBackend(name);
  tf.registerBackend(name, () => backend, registered?.priority);
  await tf.setBackend(name);
  return replacementOf(name, backend, registered);
}

type Registered = ReturnType<typeof tf.engine>['registryFactory'][string];

/** Takes `backend` out of TF.js's registry, unless somebody has done so already, and leaves there what was before. */
export function replacementOf(name: string, backend: tf.KernelBackend, before: Registered | undefined): () => void {
  return () => {
    if (tf.engine().registry[name] !== backend) return;
    tf.removeBackend(name);
    if (before) tf.registerBackend(name, before.factory, before.priority);
  };
}

/**
 * Why the import of an optional package failed: its absence, or the error itself. Such an import stands in a `try` of its own,
 * by which bundlers know that the package may be absent.
 */
export function importFailure(name: string, error: unknown): unknown {
  return isAbsent(name, error) ? notInstalled(name) : error;
}

/** The same in words, of a package that adds kernels. */
export function kernelsFailure(name: string, error: unknown): { absent: boolean; reason: string } {
  const absent = isAbsent(name, error);
  return { absent, reason: absent ? `${name} is not installed` : `${name} does not load: ${firstLine(error)}` };
}

function isAbsent(name: string, error: unknown): boolean {
  const { code, message = '' } = Object(error) as { code?: string; message?: string };
  const notFound = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  // The package itself, and not one that it imports. Browsers have no code, and bundlers words of their own.
  const itself = [`'${name}'`, `"${name}"`, `“${name}”`].some((quoted) => message.includes(quoted));
  return itself && (notFound || error instanceof TypeError || message.startsWith('Could not resolve'));
}

export function notInstalled(...names: string[]): Unavailable {
  const verb = names.length > 1 ? 'are' : 'is';
  return new Unavailable(
    'not-installed',
    `${names.join(' and ')} ${verb} not installed`,
    `npm install ${names.join(' ')}`,
  );
}
