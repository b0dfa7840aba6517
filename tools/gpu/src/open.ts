// In the place of train-cifar's open.ts: the GPU and nothing else, without looking for installed packages or trying it in a
// child process first.
import { openGpu } from '@stridelab/bench/gpu';

export async function openFor() {
  const { device, name } = await openGpu();
  return {
    name: 'webgpu' as const,
    precision: 'float32' as const,
    device: name,
    onGpu: true,
    async guard<T>(work: () => Promise<T>): Promise<T> {
      const lost = device.lost.then(({ reason, message }) => {
        throw new Error(`the GPU is gone (${reason}): ${message}`);
      });
      return Promise.race([work(), lost]);
    },
    async dispose(): Promise<void> {
      device.destroy();
    },
  };
}
