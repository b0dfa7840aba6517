// tfjs-node's backend, with its native addon from wherever that is.
import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
// Type only: what runs is found in Node, and goes into no bundle.
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node/dist/nodejs_kernel_backend.js';

type Binding = NodeJSKernelBackend['binding'];
type BackendModule = { NodeJSKernelBackend: typeof NodeJSKernelBackend };

/** As tfjs-node does when it is imported, which looks for `addon` in its own folder alone. CONTRIBUTING.md says how to get one. */
export function registerTensorFlow(addon: string): void {
  const require = createRequire(import.meta.url);
  // tfjs-node 4.22 calls two functions that Node 23 took out; @stridelab/backend puts them back for programs.
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
  const binding = require(path.resolve(addon)) as Binding;
  require('@tensorflow/tfjs-node/dist/register_all_kernels.js');
  const { NodeJSKernelBackend } = require('@tensorflow/tfjs-node/dist/nodejs_kernel_backend.js') as BackendModule;
  tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node'));
}
