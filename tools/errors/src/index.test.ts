import { expect, it } from 'vitest';
import { areOptions, describeValue, optionsOrNone, RuleError } from './index.ts';

class ExampleError extends RuleError {
  override name = 'ExampleError';
  constructor(operation: string, rule: string, got: unknown) {
    super('example', operation, rule, got);
  }
}

it('says package, function, rule and value', () => {
  const error = new ExampleError('resize', 'sizes must be >= 1', [0, 2]);
  expect(error).toBeInstanceOf(Error);
  expect(error.message).toBe('example.resize: sizes must be >= 1, got [0, 2]');
  expect(error).toMatchObject({ name: 'ExampleError', operation: 'resize', rule: 'sizes must be >= 1', got: [0, 2] });
});

it.each([
  [Number.NaN, 'NaN'],
  ['same', "'same'"],
  [undefined, 'undefined'],
  [null, 'null'],
  [[1, [2, 'a']], "[1, [2, 'a']]"],
  [Array.from({ length: 1000 }, (_, i) => i), `[${Array.from({ length: 20 }, (_, i) => i).join(', ')}, ...]`],
  [{ height: 3 }, '{height: 3}'],
  [new Map(), 'a Map'],
  [Object.create(null), '{}'],
  [Math.max, 'a Function'],
])('describes %s', (value, words) => {
  expect(describeValue(value)).toBe(words);
});

it.each<[unknown, boolean]>([
  [{}, true],
  [{ n: 1 }, true],
  [{ n: 1, axis: undefined }, true],
  [{ N: 1 }, false],
  [[1], false],
  [new Float32Array(1), false],
  [2, false],
  ['same', false],
  [null, false],
  [undefined, false],
])('says whether %j are options', (options, expected) => {
  expect(areOptions(options, ['n', 'axis'])).toBe(expected);
});

it('takes what is no object for no options', () => {
  const options = { n: 1 };
  expect(optionsOrNone(options)).toBe(options);
  for (const value of [undefined, null, 3, 'same']) expect(optionsOrNone(value)).toEqual({});
});
