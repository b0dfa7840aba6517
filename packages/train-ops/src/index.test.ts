import { expect, it } from 'vitest';
import * as trainOps from './index.ts';

it('exports this and nothing else', () => {
  expect(Object.keys(trainOps).sort()).toEqual([
    'BatchNorm',
    'FusedAdam',
    'FusedOptimizer',
    'FusedSgd',
    'KERNELS',
    'TrainOpsError',
    'adamUpdate',
    'batchNormTrain',
    'sgdMomentumUpdate',
    'softmaxCrossEntropy',
    'zeroSlots',
  ]);
});
