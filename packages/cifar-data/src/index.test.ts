import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expectNamedError } from '@stridelab/test-kit';
import { expect, it } from 'vitest';
import * as browser from './browser.ts';
import * as root from './index.ts';
import * as tensors from './tensors.ts';

it('exports these names', () => {
  expect(Object.keys(root).sort()).toEqual([
    'CIFAR100_CLASSES',
    'CIFAR100_COARSE_CLASSES',
    'CIFAR10_CLASSES',
    'CifarDataError',
    'NORMALIZATIONS',
    'batches',
    'loadCifar10',
    'loadCifar100',
    'measureNormalization',
    'softLabels',
    'splitValidation',
    'syntheticCifar',
  ]);
  // A bundler for browsers takes the browser's entry for the root one: they must hold the same names.
  expect(Object.keys(browser).sort()).toEqual(Object.keys(root).sort());
  expect(Object.keys(tensors).sort()).toEqual(['residentSplit', 'tensorBatches']);
});

it('names all classes', () => {
  expect(root.CIFAR10_CLASSES).toHaveLength(10);
  expect(new Set(root.CIFAR100_CLASSES).size).toBe(100);
  expect(new Set(root.CIFAR100_COARSE_CLASSES).size).toBe(20);
  expect([...root.CIFAR100_CLASSES].sort()).toEqual([...root.CIFAR100_CLASSES]);
});

it('refuses a folder in the place of options', async () => {
  for (const { loadCifar10, loadCifar100 } of [root, browser]) {
    const message = /^cifar-data.loadCifar10: options must be some of {source, .*, signal}, got 'cifar'$/;
    await expectNamedError(() => loadCifar10('cifar' as never), root.CifarDataError, message);
    const misspelt = /^cifar-data.loadCifar100: options must be some of {source, .*, signal}, got {sources: 'npm'}$/;
    await expectNamedError(() => loadCifar100({ sources: 'npm' } as never), root.CifarDataError, misspelt);
  }
});

/** Everything that an entry imports, by way of others or not. */
function imports(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, name] of readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';$/gm)) {
    const path = join(dirname(file), name!);
    if (existsSync(path)) imports(path, seen);
    else seen.add(name!);
  }
  return seen;
}

it('needs neither TF.js in the root entry nor Node in a browser', () => {
  const outside = (entry: string) =>
    [...imports(join(import.meta.dirname, entry))].filter((name) => !name.endsWith('.ts'));
  expect(outside('browser.ts').sort()).toEqual(['@stridelab/errors', 'modern-tar']);
  expect(outside('tensors.ts').sort()).toEqual(['@stridelab/errors', '@tensorflow/tfjs-core']);
  const root = outside('index.ts').filter((name) => !name.startsWith('node:'));
  expect(root.sort()).toEqual(['@stridelab/errors', 'env-paths', 'modern-tar']);
});
