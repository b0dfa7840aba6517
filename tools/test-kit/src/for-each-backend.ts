// Each test suite runs on every backend.
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { BACKENDS, type BackendName, openTestBackend, unavailable } from './backends.ts';

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
      afterAll(() => {
        if (tf.getBackend() === backend) tf.disposeVariables();
      });
      suite(backend);
    });
  }
}
