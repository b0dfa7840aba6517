import { expect, it } from 'vitest';
import * as browser from './browser.ts';
import * as root from './index.ts';

it('exports this and nothing else, in browsers too', () => {
  expect(Object.keys(root).sort()).toEqual(['BackendError', 'DeviceLostError', 'doctor', 'openBackend']);
  expect(Object.keys(browser).sort()).toEqual(Object.keys(root).sort());
});
