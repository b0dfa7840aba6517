// A program that opens WebGPU, works, and gives the device back or loses it: it must end by itself.
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { openBackend } from '../index.ts';

const navigatorBefore = Object.getOwnPropertyDescriptor(globalThis, 'navigator')?.get ?? globalThis.navigator;
const backend = await openBackend({ prefer: ['webgpu-software'] });
console.log(backend.device);

const x = tf.matMul(tf.ones([8, 64]), tf.ones([64, 8]));
const sum = tf.sum(x);
console.log(`sum ${(await sum.data())[0]}`);

const reading = tf.sum(tf.relu(x)).data();
if (process.argv[2] === 'lose') (tf.backend() as WebGPUBackend).device.destroy();
await reading.then(
  ([value]) => console.log(`read ${value}`),
  (error: Error) => console.log(`read rejected with ${error.name}`),
);
await backend.dispose();

const navigatorAfter = Object.getOwnPropertyDescriptor(globalThis, 'navigator')?.get ?? globalThis.navigator;
console.log(`navigator as before: ${navigatorAfter === navigatorBefore && !globalThis.navigator?.gpu}`);
console.log(`webgpu registered: ${'webgpu' in tf.engine().registryFactory}`);
console.log('end of the program');
