import { registerWasmTraining, restore } from '@stridelab/wasm/training';
import type { Work } from '../harness.ts';

/** The same work by TF.js's own kernels. */
export function withTfjs(work: Work): Work {
  return () => {
    restore();
    try {
      return work();
    } finally {
      registerWasmTraining();
    }
  };
}
