// Importing this file registers the kernels; `@stridelab/wasm/training` has the same functions and registers nothing.
import { registerWasmTraining } from './training.ts';

registerWasmTraining();

export { registerWasmTraining, restore, threadsStarted, WasmError } from './training.ts';
