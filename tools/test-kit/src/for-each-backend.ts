// Each test suite runs on every backend.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BACKENDS, type BackendName, openTestBackend, takeGpuErrors, unavailable } from './backends.ts';

/**
 * Runs a suite once on each backend, with that backend current.
 * A backend that cannot run here is a visible skip with its reason, and a failure on CI.
 */
export function forEachBackend(suite: (backend: BackendName) => void, backends = BACKENDS): void {
  for (const backend of backends) {
    const reason = unavailable.get(backend);
    describe(`[${backend}]`, () => {
      if (reason && !process.env.CI) {
        it.skip(`skipped: ${reason}`);
        return;
      }
      beforeAll(() => openTestBackend(backend));
      if (backend === 'webgpu') {
        afterEach(async () => {
          expect(await takeGpuErrors(), 'errors of the GPU device').toEqual([]);
        });
      }
      suite(backend);
    });
  }
}
