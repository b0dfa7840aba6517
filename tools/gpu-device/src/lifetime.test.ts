import { setTimeout as sleep } from 'node:timers/promises';
import { expectNamedError } from '@stridelab/test-kit';
import { expect, it } from 'vitest';
import { Lifetime } from './lifetime.ts';

class DeviceLostError extends Error {
  override name = 'DeviceLostError';

  constructor(
    device: string,
    readonly reason: string,
    detail: string,
  ) {
    super(`${device} ${reason} ${detail}`);
  }
}
const LOST = 'GPU unknown reset';
const newLifetime = () => new Lifetime((...words) => new DeviceLostError(...words));
const never = () => new Promise<never>(() => {});

it('hands on what the work gives, sooner or later', async () => {
  const lifetime = newLifetime();
  expect(await lifetime.guard(() => 1)).toBe(1);
  expect(await lifetime.guard(async () => 2)).toBe(2);
  expect(await lifetime.guard(Promise.resolve(3))).toBe(3);
});

it('hands on the error of work on a device that lives', async () => {
  const lifetime = newLifetime();
  const error = new RangeError('mine');
  await expect(lifetime.guard(() => Promise.reject(error))).rejects.toBe(error);
  await expect(
    lifetime.guard(() => {
      throw error;
    }),
  ).rejects.toBe(error);
});

it('rejects work under way as soon as the device is lost', async () => {
  const lifetime = newLifetime();
  const first = lifetime.guard(never);
  const second = lifetime.guard(never());
  lifetime.lose('GPU', 'unknown', 'reset');
  await expectNamedError(() => first, DeviceLostError, LOST);
  await expectNamedError(() => second, DeviceLostError, LOST);
  expect((await lifetime.lost).message).toBe(LOST);
});

it('does not start work on a lost device', async () => {
  const lifetime = newLifetime();
  lifetime.lose('GPU', 'unknown', 'reset');
  let started = false;
  const work = () => {
    started = true;
  };
  await expectNamedError(() => lifetime.guard(work), DeviceLostError, LOST);
  await expectNamedError(() => lifetime.guard(never()), DeviceLostError, LOST);
  expect(started).toBe(false);
});

it('names the loss where the work failed a moment before the driver told of it', async () => {
  const lifetime = newLifetime();
  const guarded = lifetime.guard(() => Promise.reject(new Error('mapAsync failed')));
  setTimeout(() => lifetime.lose('GPU', 'unknown', 'reset'), 5);
  await expectNamedError(() => guarded, DeviceLostError, LOST);
});

it('waits longer for the driver where a tensor was read', async () => {
  const lifetime = newLifetime();
  const failing = () => Promise.reject(new Error('mapAsync failed'));
  const guarded = lifetime.guardReading(failing());
  const impatient = lifetime.guard(failing);
  setTimeout(() => lifetime.lose('GPU', 'unknown', 'reset'), 500);
  await expect(impatient).rejects.toThrow('mapAsync failed');
  await expectNamedError(() => guarded, DeviceLostError, LOST);
});

it('is lost once', async () => {
  const lifetime = newLifetime();
  lifetime.lose('GPU', 'unknown', 'reset');
  lifetime.lose('GPU', 'destroyed');
  expect((await lifetime.lost).reason).toBe('unknown');
});

it('leaves no rejection unhandled when abandoned work fails after the loss', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  const lifetime = newLifetime();
  const guarded = lifetime.guard(sleep(5).then(() => Promise.reject(new Error('AbortError'))));
  lifetime.lose('GPU', 'unknown', 'reset');
  await expectNamedError(() => guarded, DeviceLostError, LOST);
  await sleep(100);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
