import { type GradConfig, getGradient, registerGradient, type Tensor, unregisterGradient } from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { gradientsOf } from './index.ts';

const original: GradConfig = { kernelName: 'Known', inputsToSave: ['x'], gradFunc: () => ({ x: () => 1 as never }) };
const ask = () => getGradient('Known').gradFunc(0 as never, [], {}) as unknown as Record<string, () => Tensor>;

it('replaces what is there, for one backend, once, and puts it back', () => {
  registerGradient(original);
  const takes = vi.fn(() => true);
  const own = { kernelName: 'Known', takes, gradient: () => ({ x: () => 2 as never }) };
  const [here, elsewhere] = [gradientsOf('', [own, { ...own, kernelName: 'Unknown' }]), gradientsOf('other', [own])];
  elsewhere.register();
  expect(ask().x!()).toBe(1);
  elsewhere.restore();
  expect(getGradient('Known')).toBe(original);
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  here.register();
  const wrapped = getGradient('Known');
  here.register();
  expect(getGradient('Known')).toBe(wrapped);
  expect(wrapped.inputsToSave).toEqual(['x']);
  expect(getGradient('Unknown')).toBeUndefined();
  here.restore();
  here.restore();
  expect(getGradient('Known')).toBe(original);
  unregisterGradient('Known');
});
