// In the place of train-cifar's open.ts: the GPU and nothing else, without looking for installed packages or trying it in a
// child process first.
import { openGpu, setPrecision } from '@stridelab/bench/gpu';

export async function openFor({ precision = 'float32' }: { precision?: 'float32' | 'exact' | 'float16' }) {
  const { name, guard, dispose } = await openGpu();
  const computes = precision === 'exact' ? precision : 'float32';
  setPrecision(precision === 'exact' ? 'exact' : 'fast');
  return { name: 'webgpu' as const, precision: computes, device: name, onGpu: true, guard, dispose };
}
