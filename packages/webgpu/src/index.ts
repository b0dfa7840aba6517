// Importing this file registers the kernels; `@stridelab/webgpu/training` has the same functions and registers nothing.
import { registerWebgpuTraining } from './training.ts';

registerWebgpuTraining();

export * from './training.ts';
