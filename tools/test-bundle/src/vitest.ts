// In the place of vitest where there is no vitest: what our tests use of it, from the packages that it is made of, so that
// tests and matchers behave the same.
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  customMatchers,
  GLOBAL_EXPECT,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';
import { fn, restoreAllMocks, spyOn } from '@vitest/spy';
import * as chai from 'chai';

export {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  it,
  onTestFinished,
  test,
} from '@vitest/runner';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

type Expect = ((value: unknown, message?: string) => unknown) & Record<string, unknown>;

function makeExpect(): Expect {
  const made = ((value: unknown, message?: string) => chai.expect(value, message)) as unknown as Expect;
  Object.assign(made, chai.expect, (globalThis as Record<symbol, object>)[ASYMMETRIC_MATCHERS_OBJECT]);
  Object.assign(globalThis, { [GLOBAL_EXPECT]: made });
  made.getState = () => getState(made as never);
  made.setState = (state: object) => setState(state, made as never);
  setState({ assertionCalls: 0, isExpectingAssertions: false, currentTestName: '' } as never, made as never);
  const { expect: base } = chai as unknown as { expect: { extend(expect: Expect, matchers: object): void } };
  made.extend = (matchers: object) => base.extend(made, matchers);
  base.extend(made, customMatchers);
  return made;
}

export const expect = makeExpect();

const before = new Map<string, string | undefined>();

export const vi = {
  fn,
  spyOn,
  restoreAllMocks,
  stubEnv(name: string, value: string): void {
    if (!before.has(name)) before.set(name, process.env[name]);
    process.env[name] = value;
  },
  unstubAllEnvs(): void {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    before.clear();
  },
  /** The value of `check`, once it no longer throws. */
  async waitFor<T>(check: () => T | Promise<T>, { timeout = 1000, interval = 50 } = {}): Promise<T> {
    for (const end = performance.now() + timeout; ; ) {
      try {
        return await check();
      } catch (error) {
        if (performance.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, interval));
      }
    }
  },
};
