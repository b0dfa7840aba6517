import { expect, it } from 'vitest';
import { goldenCases, goldenTensor } from './index.ts';

it.each([
  ['diffstride', 12],
  ['spectral-pooling', 6],
  ['phc-conv', 4],
  ['resnet', 3],
] as const)('reads the golden cases of %s', (family, count) => {
  const cases = goldenCases(family);
  expect(cases).toHaveLength(count);
  for (const { x } of cases) expect(goldenTensor(x).shape).toEqual(x.shape);
});
