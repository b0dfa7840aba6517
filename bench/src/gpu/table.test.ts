import { expect, it } from 'vitest';
import { breakdown } from './profile.ts';
import type { Row } from './section.ts';
import { parsePeer, tableOf, variantsTable } from './table.ts';

const PRINTED = `2.11.0 SOME GPU batch 128
strided    float32                 15.50 ms/step
strided    bf16 channels-last       6.60 ms/step
diffstride tf32                    44.00 ms/step
something else
`;

it('reads what the peer prints', () => {
  expect(parsePeer(PRINTED)).toEqual({
    lines: ['2.11.0 SOME GPU batch 128'],
    peers: { strided: { float32: 15.5, 'bf16 channels-last': 6.6 }, diffstride: { tf32: 44 } },
  });
});

it("holds a row against the peer's best and against stock", () => {
  const { peers } = parsePeer(PRINTED);
  const lines = tableOf(
    [
      { what: 'step', value: 13.2, unit: 'ms', peer: 'strided', asked: 'less' },
      { what: 'conv', value: 90, unit: 'TFLOP/s', stock: 4.5 },
      { what: 'layer', value: 0.5, unit: 'ms', stock: 5 },
      { what: 'dispatches', value: 614, unit: '' },
    ],
    peers,
  ).split('\n');
  expect(lines.slice(2)).toEqual([
    '| step | 13.2 ms |  |  | 6.60 ms (bf16 channels-last) | 2.00 x its time | less |',
    '| conv | 90.0 TFLOP/s | 4.50 TFLOP/s | 20.0 x as fast |  |  |  |',
    '| layer | 0.50 ms | 5.00 ms | 10.0 x as fast |  |  |  |',
    '| dispatches | 614 |  |  |  |  |  |',
  ]);
  expect(tableOf([{ what: 'step', value: 1, unit: 'ms', peer: 'strided' }], {})).not.toMatch('its time');
});

it('sums the times of each kernel', () => {
  const dispatches = [
    { kernel: 'gemm 128', bytes: 2e6 },
    { kernel: 'add', bytes: 1e6 },
    { kernel: 'gemm 128', bytes: 2e6 },
  ];
  const lines = breakdown('Gemm: 1, Add: 0.5, Gemm: 2.5', dispatches).split('\n');
  expect(lines.slice(2)).toEqual([
    '| gemm 128 | 2 | 3.500 | 87.5% | 2.500 | 4.0 | 1 |',
    '| add | 1 | 0.500 | 12.5% | 0.500 | 1.0 | 2 |',
  ]);
  expect(() => breakdown('Gemm: 1', dispatches)).toThrow('1 times for 3 dispatches');
});

it('sets variants beside a plain run, row by row', () => {
  const plain: Row[] = [
    { what: 'step', value: 20, unit: 'ms' },
    { what: 'copy', value: 100, unit: 'GB/s' },
  ];
  const table = variantsTable(plain, [{ name: 'A=1', rows: [{ what: 'step', value: 15, unit: 'ms' }] }]);
  expect(table).toBe(
    [
      '| what | as it is | `A=1` |',
      '| --- | --- | --- |',
      '| step | 20.0 ms | 15.0 ms, 0.75 x |',
      '| copy | 100 GB/s |  |',
    ].join('\n'),
  );
});
