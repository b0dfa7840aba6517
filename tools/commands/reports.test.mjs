import { expect, it } from 'vitest';
import { summarize } from './reports.mjs';

const test = (status, ...ancestorTitles) => ({ status, ancestorTitles });
const report = (...testResults) => ({ name: 'a', report: { testResults } });

it('counts by package and by backend', () => {
  const { lines, ...totals } = summarize([
    report({ status: 'passed', assertionResults: [test('passed', '[cpu]', 'sum'), test('passed', 'sum', '[wasm]')] }),
    report({ status: 'failed', assertionResults: [test('failed', '[cpu]'), test('pending'), test('passed')] }),
  ]);
  expect(totals).toEqual({ passed: 3, failed: 1, skipped: 1 });
  expect(lines[2]).toMatch(/a +2 passed, 0 failed, 0 skipped {2}\(cpu 1, wasm 1\)/);
  expect(lines[3]).toMatch(/1 passed, 1 failed, 1 skipped {2}\(other 1\)/);
});

it('never calls a file that failed without a failing test passed', () => {
  expect(summarize([report({ status: 'failed', assertionResults: [] })]).failed).toBe(1);
  expect(summarize([report({ status: 'failed', assertionResults: [test('skipped'), test('skipped')] })]).failed).toBe(
    1,
  );
});

it('says nothing of nothing', () => {
  expect(summarize([])).toEqual({ lines: [], passed: 0, failed: 0, skipped: 0 });
});
