import { expect, it } from 'vitest';
import { madeWith } from './made-with.ts';

it('names the device, and the versions of what computes there', () => {
  const { device, versions } = madeWith({ name: 'webgpu', device: 'a GPU' });
  expect(device).toBe('a GPU');
  expect(Object.keys(versions!)).toEqual(['@tensorflow/tfjs-backend-webgpu', 'webgpu']);
  for (const version of Object.values(versions!)) expect(version).toMatch(/^\d+\.\d+\.\d+/);
});

it('leaves out what it does not find', () => {
  const cpu = { name: 'cpu', device: 'a processor' } as const;
  expect(madeWith(cpu).versions).toEqual({});
  expect(madeWith(cpu, { cpu: ['no-such-package'] }).versions).toEqual({});
});
