// Loaded before everything else in a child process: swaps packages for stubs, as STUB_MODULES names them (JSON from
// package to URL; `absent` for a package that is not there), and takes out of node:util what Node 23 took out.
import { createRequire, register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const STUBS = JSON.parse(process.env.STUB_MODULES ?? '{}');

export async function resolve(specifier, context, next) {
  const stub = STUBS[specifier];
  if (!stub) return next(specifier, context);
  if (stub !== 'absent') return { url: stub, shortCircuit: true };
  const message = `Cannot find package '${specifier}' imported from ${context.parentURL}`;
  throw Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });
}

// Node runs this file twice: once in the process, and once more in the thread that resolves modules.
if (isMainThread) {
  register(import.meta.url);
  if (process.env.STUB_NODE_23) {
    const util = createRequire(import.meta.url)('node:util');
    delete util.isNullOrUndefined;
    delete util.isArray;
  }
}
