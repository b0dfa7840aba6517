// A page's program: times the wasm backend as this page has it, with threads or without.
import '@tensorflow/tfjs';
import { registerWasmTraining, threadsStarted } from '@stridelab/wasm/training';
import { getThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { convolutionTable } from '../wasm/convolutions.ts';
import { stepTimes } from '../wasm/resnet8.ts';

export interface PageResult {
  threads: number;
  convolutions: string;
  /** Milliseconds. */
  steps: number[];
}

const rounds = Number(new URLSearchParams(location.search).get('rounds'));
tf.env().set('PROD', true);
setWasmPaths('/wasm/');
// TF.js takes a thread for every two processors that it sees.
if (crossOriginIsolated) {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 * navigator.hardwareConcurrency });
}
registerWasmTraining();
await tf.setBackend('wasm');
const threads = await threadsStarted();
if (threads !== getThreadsCount()) throw new Error(`${threads} threads started, of ${getThreadsCount()}`);
const steps = await stepTimes(rounds);
const result: PageResult = { threads, steps, convolutions: await convolutionTable({ rounds }) };
Object.assign(globalThis, { result });
