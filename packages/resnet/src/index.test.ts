import { expect, it } from 'vitest';
import * as resnetPackage from './index.ts';

it('exports this and nothing else', () => {
  expect(Object.keys(resnetPackage).sort()).toEqual([
    'PaddedShortcut',
    'ResnetError',
    'foldBatchNorm',
    'freezeUntil',
    'modelCost',
    'replaceHead',
    'resnet',
    'resnet101',
    'resnet110',
    'resnet152',
    'resnet18',
    'resnet20',
    'resnet32',
    'resnet34',
    'resnet44',
    'resnet50',
    'resnet56',
  ]);
});
