// Prints the table of every tier and tile: `tsx src/gpu/gemm-table.ts`, or a bundle of it where there is a GPU and nothing else.
import { parseArgs } from 'node:util';
import { openTestBackend } from '@stridelab/test-kit/backends';
import { markdownTable } from '../harness.ts';
import { PRODUCT_HEADER, productRows, timeProducts } from './gemm.ts';

const { values } = parseArgs({
  options: {
    tiny: { type: 'boolean', default: false },
    split: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    tiers: { type: 'string' },
    parts: { type: 'string' },
    rounds: { type: 'string', default: '5' },
  },
});

await openTestBackend('webgpu');
const timings = await timeProducts({
  ...{ tiny: values.tiny, split: values.split, only: values.only, rounds: Number(values.rounds) },
  ...(values.tiers && { tiers: values.tiers.split(',') as ('matrix' | 'subgroups' | 'plain')[] }),
  ...(values.parts && { parts: values.parts.split(',').map(Number) }),
  // As they come, for a session that ends early.
  seen: (timing) => console.error(productRows([timing])[0]!.join('  ')),
});
console.log(markdownTable(PRODUCT_HEADER, productRows(timings)));
// Dawn keeps the process alive as long as its instance lives.
process.exit();
