import { expect, it } from 'vitest';
import * as trainer from './index.ts';

it('exports this and nothing else', () => {
  expect(Object.keys(trainer).sort()).toEqual([
    'CheckpointError',
    'DivergedError',
    'PRESETS',
    'TrainerError',
    'arrayData',
    'constant',
    'cosine',
    'evaluate',
    'fit',
    'learningRateAt',
    'piecewise',
    'progressLines',
    'readStrides',
    'restoreWeights',
    'warmUp',
  ]);
});
