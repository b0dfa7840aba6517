import { expect, it } from 'vitest';
import { runnableBlocks } from './readme.ts';

it('finds the blocks that are marked as runnable, and no others', () => {
  const markdown = [
    '# A',
    '```ts runnable',
    'a();',
    '```',
    '```ts',
    'b();',
    '```',
    '',
    '```ts runnable',
    'c();',
    '```',
  ];
  expect(runnableBlocks(markdown.join('\n'))).toEqual([
    { line: 2, code: 'a();\n' },
    { line: 9, code: 'c();\n' },
  ]);
});
