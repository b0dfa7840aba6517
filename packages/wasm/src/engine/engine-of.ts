// Which engine works for a backend.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { createEngine, type Engine, memoryOf, threadsOf } from './engine.ts';
import { compiledFor } from './module.ts';
import { startPageLane } from './page-lane.ts';
import { threadedEngine } from './threaded-engine.ts';

const engines = new WeakMap<BackendWasm, Engine>();

/**
 * The engine of a backend, made on first use: in a page, of as many threads as TF.js itself has there. Browsers start them when
 * the page's own thread next has nothing to do.
 */
export function engineOf(backend: BackendWasm): Engine {
  const known = engines.get(backend);
  if (known) return known;
  const module = compiledFor(memoryOf(backend));
  const mayStart = threadsOf(backend) > 1 && 'Worker' in globalThis;
  const engine = mayStart ? pageEngine(backend, module) : createEngine(backend, module);
  adoptEngine(backend, engine);
  return engine;
}

/** Has the kernels use this engine with a backend. */
export function adoptEngine(backend: BackendWasm, engine: Engine): void {
  engines.set(backend, engine);
}

/** Ends the threads of a backend's engine. A backend that is used again gets another one. */
export function closeEngine(backend: BackendWasm): void {
  engines.get(backend)?.close();
  engines.delete(backend);
}

function pageEngine(backend: BackendWasm, module: WebAssembly.Module): Engine {
  const engine = threadedEngine(backend, module, threadsOf(backend), startPageLane);
  // Whoever ends the backend knows nothing of our threads, and our kernels may be gone by then.
  const dispose = backend.dispose.bind(backend);
  backend.dispose = () => {
    closeEngine(backend);
    dispose();
  };
  // Then this thread goes on alone.
  engine.ready.catch(() => engine.close());
  return engine;
}
