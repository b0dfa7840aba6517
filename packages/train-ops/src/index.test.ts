import { expect, it } from 'vitest';
import * as trainOps from './index.ts';

it('exports this and nothing else', () => {
  expect(Object.keys(trainOps).sort()).toEqual([
    'BatchNorm',
    'Dropout',
    'FusedAdam',
    'FusedOptimizer',
    'FusedSgd',
    'KERNELS',
    'TrainOpsError',
    'adamUpdate',
    'batchNormTrain',
    'dropout',
    'sgdMomentumUpdate',
    'softmaxCrossEntropy',
    'zeroSlots',
  ]);
});
