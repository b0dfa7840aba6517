import { expect, it } from 'vitest';
import { BackendError, DeviceLostError } from './errors.ts';

it('says function, rule and value', () => {
  const error = new BackendError('openBackend', 'prefer must list some of wasm, cpu', ['vulkan']);
  expect(error.message).toBe("backend.openBackend: prefer must list some of wasm, cpu, got ['vulkan']");
  expect(error).toMatchObject({ name: 'BackendError', operation: 'openBackend' });
});

it('says which device was lost, and how', () => {
  const error = new DeviceLostError('NVIDIA H200', 'unknown', 'the driver was reset');
  expect(error).toBeInstanceOf(BackendError);
  expect(error.message).toBe(
    "backend.guard: NVIDIA H200 must stay until the work on it is done, got 'lost (unknown): the driver was reset'",
  );
  expect(error).toMatchObject({ name: 'DeviceLostError', device: 'NVIDIA H200', reason: 'unknown' });
});
