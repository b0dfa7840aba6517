// A program in JavaScript may leave out what TypeScript asks for.
import { expectNamedError } from '@stridelab/test-kit';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { it } from 'vitest';
import { foldBatchNorm, freezeUntil, modelCost, PaddedShortcut, ResnetError, replaceHead } from './index.ts';
import { loadPretrained } from './pretrained.ts';

it.each<[string, (given: never) => unknown]>([
  ['foldBatchNorm', foldBatchNorm],
  ['loadPretrained', (model) => loadPretrained(model, new Uint8Array(0))],
  ['freezeUntil', (model) => freezeUntil(model, 'head')],
  ['modelCost', (model) => modelCost(model)],
  ['modelCost', (model) => modelCost(model, [8, 8, 3])],
  ['replaceHead', (model) => replaceHead(model, { classes: 2 })],
])('%s wants a model', async (name, call) => {
  for (const [given, words] of [
    [undefined, 'undefined'],
    [{}, '{}'],
    ['resnet', "'resnet'"],
  ]) {
    const message = `resnet.${name}: model must be a model of layers, got ${words}`;
    await expectNamedError(() => call(given as never), ResnetError, message);
  }
});

it('says which option is missing', async () => {
  const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
  await expectNamedError(
    () => replaceHead(model, undefined as never),
    ResnetError,
    'resnet.replaceHead: classes must be an integer >= 1, got undefined',
  );
  await expectNamedError(
    () => new PaddedShortcut(undefined as never),
    ResnetError,
    'resnet.PaddedShortcut: filters must be an integer >= 1, got undefined',
  );
});
