import { expectNamedError } from '@stridelab/test-kit';
import { expect, it } from 'vitest';
import { CommandError } from './errors.ts';
import { FLAGS, flagLines, parseFlags } from './flags.ts';

it('reads flags and switches', () => {
  expect(parseFlags(['--pooling', 'max', '--epochs=3', '--smoke'])).toEqual({
    pooling: 'max',
    epochs: '3',
    smoke: true,
  });
  expect(parseFlags([])).toEqual({});
});

it.each([
  [['--poling', 'max'], "there must be such a flag; the nearest is --pooling, got '--poling'"],
  [['--stride', '2'], "there must be such a flag; the nearest is --strides, got '--stride'"],
  [['--batch-size', '8'], "there must be such a flag; the nearest is --batch, got '--batch-size'"],
  [['-h'], "there must be such a flag; the nearest is --n, got '-h'"],
  [
    ['--pooling', 'spectrl'],
    "--pooling must be one of strided, average, max, spectral, diffstride (nearest: spectral), got 'spectrl'",
  ],
  [['--conv', 'PHC'], "--conv must be one of plain, phc (nearest: phc), got 'PHC'"],
  [['--constructor'], "there must be such a flag; the nearest is --strides, got '--constructor'"],
  [['--epochs'], '--epochs needs N, got undefined'],
  [['--seed', ' '], "--seed needs N, got ' '"],
  [['--epochs', '--smoke'], "--epochs needs N, got '--smoke'"],
  [['--smoke=yes'], "--smoke takes no value, got 'yes'"],
  [['--seed', '1', '--seed', '2'], "--seed must be given once, got ['1', '2']"],
  [['diffstride'], "every argument must be a flag, got 'diffstride'"],
])('refuses %j', async (args, rule) => {
  await expectNamedError(() => parseFlags(args), CommandError, `train-cifar.flags: ${rule}`);
});

it('joins the values of a flag that may be repeated', () => {
  const table = { strides: { value: 'A,B', multiple: true, help: '' } } as const;
  expect(parseFlags(['--strides', '2,2', '--strides', '3,1'], table)).toEqual({ strides: '2,2;3,1' });
});

it('explains every flag', () => {
  const help = flagLines().join('\n');
  for (const name of Object.keys(FLAGS)) expect(help).toMatch(new RegExp(`^  --${name}\\b`, 'm'));
});
