import { getKernel, type KernelConfig, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { registrationOf } from './index.ts';

const config = (kernelName: string): KernelConfig => ({ kernelName, backendName: 'test', kernelFunc: () => [] });

it('registers kernels once, over those that were there, and puts them back', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const own = config('Known');
  registerKernel(own);
  const seen: [string, KernelConfig | undefined][] = [];
  const kernels = [{ kernelName: 'Known' }, { kernelName: 'New' }];
  const registration = registrationOf('test', kernels, (kernel, original) => {
    seen.push([kernel.kernelName, original]);
    return { kernelFunc: () => [] };
  });
  registration.register();
  registration.register();
  expect(seen).toEqual([
    ['Known', own],
    ['New', undefined],
  ]);
  expect(getKernel('Known', 'test')).not.toBe(own);
  expect(getKernel('New', 'test')).toBeDefined();
  registration.restore();
  registration.restore();
  expect(getKernel('Known', 'test')).toBe(own);
  expect(getKernel('New', 'test')).toBeUndefined();
  expect(warn).not.toHaveBeenCalled();
  unregisterKernel('Known', 'test');
});
