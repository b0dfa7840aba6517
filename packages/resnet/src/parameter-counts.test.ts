// The literature's numbers of trainable parameters, to the last one.
import { PHCConv2D } from '@stridelab/phc-conv';
import '@stridelab/test-kit';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import {
  type ResnetOptions,
  resnet,
  resnet18,
  resnet20,
  resnet32,
  resnet34,
  resnet44,
  resnet50,
  resnet56,
  resnet101,
  resnet110,
  resnet152,
} from './index.ts';
import { StandInPool, trainableParameters } from './testing.ts';

const CIFAR = { classes: 10, inputShape: [32, 32, 3] } satisfies Partial<ResnetOptions>;
const IMAGENET = { classes: 1000, inputShape: [224, 224, 3] } satisfies Partial<ResnetOptions>;
const PREACT18 = { ...CIFAR, depth: 18, variant: 'preact', stem: 'cifar' } satisfies ResnetOptions;

/** Number of parameters, and the model is gone. */
function count(model: LayersModel): number {
  const parameters = trainableParameters(model);
  model.dispose();
  return parameters;
}

describe('trainable parameters', () => {
  it.each([
    [18, resnet18, 11_689_512],
    [34, resnet34, 21_797_672],
    [50, resnet50, 25_557_032],
    [101, resnet101, 44_549_160],
    [152, resnet152, 60_192_808],
  ])("of the ImageNet ResNet-%d are its paper's", (_, make, parameters) => {
    expect(count(make(IMAGENET))).toBe(parameters);
  });

  it.each([
    [20, resnet20, 269_722],
    [32, resnet32, 464_154],
    [44, resnet44, 658_586],
    [56, resnet56, 853_018],
    [110, resnet110, 1_727_962],
  ])("of the CIFAR ResNet-%d are its paper's", (_, make, parameters) => {
    expect(count(make(CIFAR))).toBe(parameters);
  });

  it('of the pre-activation ResNet-18 are 11,172,170, and 8 more with learned strides', () => {
    expect(count(resnet(PREACT18))).toBe(11_172_170);
    const model = resnet({ ...PREACT18, downsample: ({ name }) => new StandInPool({ name }) });
    const pools = model.layers.filter((layer) => layer instanceof StandInPool);
    expect(pools.map(({ name }) => name)).toEqual(['stem_pool', 'stage2_pool', 'stage3_pool', 'stage4_pool']);
    expect(count(model)).toBe(11_172_178);
  });

  it('with hypercomplex convolutions are about a third', () => {
    const widths = [60, 60, 120, 240, 516];
    const plain = count(resnet({ ...PREACT18, widths }));
    const phc = count(resnet({ ...PREACT18, widths, conv: (options) => new PHCConv2D({ n: 3, ...options }) }));
    expect(phc).toBeGreaterThan(plain / 3);
    expect(phc).toBeLessThan(plain / 3 + 12_000); // norms, head and algebras are not divided
  });
});
