// Error wording is part of the API: pinned here to the letter, together with the class.
import { expect } from 'vitest';

/** Expects `action` to throw (or reject with) an instance of `type` whose message is exactly `message`. */
export async function expectNamedError(
  action: () => unknown,
  // biome-ignore lint/suspicious/noExplicitAny: any constructor will do
  type: new (...args: any[]) => Error,
  message: string | RegExp,
): Promise<void> {
  let thrown: unknown;
  try {
    await action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, 'nothing was thrown').toBeInstanceOf(type);
  expect((thrown as Error).name).toBe(type.name);
  if (typeof message === 'string') expect((thrown as Error).message).toBe(message);
  else expect((thrown as Error).message).toMatch(message);
}
