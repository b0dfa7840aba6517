// TF.js's own WebAssembly build with threads, which it ships and starts in browsers alone, started in Node.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { noteListeners } from './keep-listeners.ts';

type Module = BackendWasm['wasm'];

/** What TF.js adds to the Emscripten module before it hands that to its backend. */
type EmscriptenModule = Module & {
  cwrap(name: string, returns: string | null, parameters: string[]): unknown;
  PThread: { unusedWorkers: PoolWorker[]; pthreads: Record<string, PoolWorker> };
};

interface PoolWorker {
  unref(): void;
  terminate(): unknown;
}

type Imports = { env: Record<string, unknown> } & WebAssembly.Imports;

interface FactoryOptions {
  mainScriptUrlOrBlob: string;
  locateFile(file: string): string | URL;
  instantiateWasm(
    imports: Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): unknown;
}

type Factory = (options: FactoryOptions) => Promise<EmscriptenModule>;

const BUILD = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd';

/** Loads the build with a pool of `threads` threads, this one included. */
export async function loadThreadedModule(threads: number): Promise<Module> {
  const { createRequire } = await import('node:module');
  const { readFileSync } = await import('node:fs');
  const require = createRequire(import.meta.url);
  const script = require.resolve(`${BUILD}.js`);
  const factory: Factory = require(`${BUILD}.js`);
  const { wasmWorkerContents }: { wasmWorkerContents: string } = require(`${BUILD}.worker.js`);
  // Not resolved itself: bundlers would take it for a module of theirs.
  const binary = new WebAssembly.Module(readFileSync(script.replace(/js$/, 'wasm')));
  const restoreListeners = noteListeners();
  const globalWorker = Object.getOwnPropertyDescriptor(globalThis, 'Worker');
  try {
    const module = await factory({
      // Each thread reads the same script again.
      mainScriptUrlOrBlob: script,
      locateFile: (file) => (file.endsWith('.worker.js') ? workerUrl(wasmWorkerContents) : file),
      instantiateWasm(imports, done) {
        // The build takes half of the logical cores at most; the caller has said how many.
        const env = { ...imports.env, emscripten_num_logical_cores: () => 2 * threads };
        const instance = new WebAssembly.Instance(binary, { ...imports, env });
        done(instance, binary);
        return instance.exports;
      },
    });
    addBridge(module);
    return module;
  } finally {
    restoreListeners();
    if (globalWorker) Object.defineProperty(globalThis, 'Worker', globalWorker);
    else delete (globalThis as { Worker?: unknown }).Worker;
  }
}

/** Lets the process end, and ends the threads of the pool that got no work: Emscripten starts eight. */
export function trimPool(module: Module): void {
  const { PThread } = module as EmscriptenModule;
  for (const worker of PThread.unusedWorkers.splice(0)) void worker.terminate();
  for (const worker of Object.values(PThread.pthreads)) worker.unref();
}

/** TF.js's script for a thread, written for a CommonJS file, as a module. It assigns a `location`, which Deno would refuse. */
function workerUrl(contents: string): URL {
  const prelude = `import { createRequire } from 'node:module';
globalThis.require = createRequire('file:///');
globalThis.__filename = '';
Object.defineProperty(globalThis, 'location', { writable: true });
`;
  return new URL(`data:text/javascript,${encodeURIComponent(prelude + contents.replaceAll('\n', '\\n'))}`);
}

function addBridge(module: EmscriptenModule): void {
  const wrap = (name: string, parameters: number, returns: string | null = null) =>
    module.cwrap(
      name,
      returns,
      Array.from({ length: parameters }, () => 'number'),
    );
  Object.assign(module, {
    tfjs: {
      init: wrap('init', 0),
      initWithThreadsCount: wrap('init_with_threads_count', 1),
      getThreadsCount: wrap('get_threads_count', 0, 'number'),
      registerTensor: wrap('register_tensor', 3),
      disposeData: wrap('dispose_data', 1),
      dispose: wrap('dispose', 0),
    },
  });
}
