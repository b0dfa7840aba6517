// Which switches Dawn is opened with, and that it is opened once for each choice of them.
import { afterEach, expect, it, vi } from 'vitest';
import { type Dawn, takeGpu } from './dawn.ts';

const create = vi.fn((toggles: string[]) => ({ toggles }) as unknown as GPU);
const load = () => Promise.resolve({ create, globals: {} } as unknown as Dawn);
const take = async (options?: Parameters<typeof takeGpu>[1]) => {
  const { gpu, release } = await takeGpu(load, options);
  expect(globalThis.navigator.gpu).toBe(gpu);
  release();
  return gpu;
};

Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
afterEach(() => expect(globalThis.navigator.gpu).toBeUndefined());

it('keeps indices within buffers unless told not to', async () => {
  const [usual, checked, unchecked] = [
    await take(),
    await take({ boundsChecks: true }),
    await take({ boundsChecks: false }),
  ];
  expect(create.mock.calls.map(([[enabled]]) => enabled)).toEqual([
    'enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia',
    'enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia,disable_robustness',
  ]);
  expect(checked).toBe(usual);
  expect(unchecked).not.toBe(usual);
  expect(await take({ boundsChecks: false })).toBe(unchecked);
});

it("takes what is there, a browser's for one", async () => {
  const own = {};
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: own }, configurable: true });
  const { gpu, release } = await takeGpu(load);
  expect(gpu).toBe(own);
  release();
  expect(globalThis.navigator.gpu).toBe(own);
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
});
