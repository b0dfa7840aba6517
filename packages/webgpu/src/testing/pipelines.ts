// For tests: what a piece of work dispatches.
import * as tf from '@tensorflow/tfjs-core';
import { vi } from 'vitest';

/** Labels of the pipelines that `work` sets, in order. What it returns is disposed of. */
export function pipelinesOf(work: () => tf.TensorContainer): string[] {
  const labels: string[] = [];
  const { setPipeline } = GPUComputePassEncoder.prototype;
  const spy = vi.spyOn(GPUComputePassEncoder.prototype, 'setPipeline').mockImplementation(function (
    this: GPUComputePassEncoder,
    pipeline,
  ) {
    labels.push(pipeline.label);
    return setPipeline.call(this, pipeline);
  });
  try {
    tf.dispose(tf.tidy(work));
  } finally {
    spy.mockRestore();
  }
  return labels;
}
