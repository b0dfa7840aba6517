// In the place of train-cifar's open.ts: the GPU and nothing else, without looking for installed packages or trying it in a
// child process first.
import { openGpu } from '@stridelab/bench/gpu';

export async function openFor() {
  const { name, guard, dispose } = await openGpu();
  return { name: 'webgpu' as const, precision: 'float32' as const, device: name, onGpu: true, guard, dispose };
}
