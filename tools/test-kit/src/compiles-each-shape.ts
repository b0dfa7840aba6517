import type { BackendName } from './backends.ts';

/** Whether tests of this backend compile a shader for each shape, mostly for the processor: a few shapes must do there. */
export function compilesEachShape(backend: BackendName): boolean {
  return backend === 'webgpu' || backend === 'webgl';
}
