import { PHCConv2D } from '@stridelab/phc-conv';
import { expectNamedError } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { ResnetError, type ResnetOptions, resnet } from './index.ts';

const PREACT18 = {
  depth: 18,
  variant: 'preact',
  stem: 'cifar',
  classes: 10,
  inputShape: [32, 32, 3],
} satisfies ResnetOptions;

describe('a call that cannot be', () => {
  const small = { ...PREACT18, widths: [4, 4, 4, 4, 4] };
  it.each<[Partial<Record<keyof ResnetOptions, unknown>>, string]>([
    [{ depth: 19 }, 'depth must be 18, 34, 50, 101, 152, or 6 n + 2 such as 20, 32, 44, 56, 110, got 19'],
    [{ depth: 2 }, 'depth must be 18, 34, 50, 101, 152, or 6 n + 2 such as 20, 32, 44, 56, 110, got 2'],
    [{ variant: 'pre' }, "variant must be 'preact' or 'postact', got 'pre'"],
    [{ stem: 'mnist' }, "stem must be 'cifar' or 'imagenet', got 'mnist'"],
    [{ shortcut: 'none' }, "shortcut must be 'projection' or 'padding', got 'none'"],
    [
      { padding: 'symmetric', stem: 'imagenet' },
      "padding must be 'same' where a stem pools maxima before a ReLU, with variant 'preact', got 'symmetric'",
    ],
    [{ padding: 'valid' }, "padding must be 'same' or 'symmetric', got 'valid'"],
    [{ norm: true }, 'norm must be some of {momentum, epsilon}, got true'],
    [{ seed: 'a' }, "seed must be an integer, got 'a'"],
    [{ conv: 'phc' }, "conv must be a function that makes a layer, got 'phc'"],
    [{ downsample: 'max' }, "downsample must be a function that makes a layer, got 'max'"],
    [{ conv: () => undefined }, 'conv and downsample must make layers, got undefined'],
    [{ conv: () => ({}) }, 'conv and downsample must make layers, got {}'],
    [{ outputs: 'softmax' }, "outputs must be 'logits' or 'probabilities', got 'softmax'"],
    [{ classes: 0 }, 'classes must be an integer >= 1, got 0'],
    [{ inputShape: [32, 32] }, 'inputShape must be three integers >= 1: height, width, channels, got [32, 32]'],
    [{ widths: [4, 4] }, 'widths must be 5 numbers for depth 18, of the stem and of each stage, got [4, 4]'],
    [{ widths: [4, 4, 4, 4, 0] }, 'widths must be integers >= 1, got [4, 4, 4, 4, 0]'],
    [{ strides: [2, 2, 2] }, 'strides must be 5 numbers for depth 18, of the stem and of each stage, got [2, 2, 2]'],
    [{ strides: [1, 1, 2, 2, 0.5] }, 'strides must be numbers >= 1, or pairs of them, got [1, 1, 2, 2, 0.5]'],
    [{ strides: [1, 1, 2, 2, 1.5] }, 'strides must be integers where convolutions are strided, got [1, 1, 2, 2, 1.5]'],
    [{ inputShape: [32, 7, 3] }, 'each image side must be >= 8, the product of its strides, got [32, 7, 3]'],
    [
      { shortcut: 'padding', widths: [8, 4, 4, 4, 4] },
      "widths must not shrink where shortcut is 'padding', got [8, 4, 4, 4, 4]",
    ],
  ])('is refused by a named error before any tensor is made: %j', async (options, rule) => {
    const before = tf.memory().numTensors;
    await expectNamedError(() => resnet({ ...small, ...options } as never), ResnetError, `resnet.resnet: ${rule}`);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaves nothing behind when a factory leaves a fraction to a convolution', async () => {
    const before = tf.memory().numTensors;
    const options = { ...small, strides: [1, 1, 2, 1.5, 2], downsample: () => undefined };
    const message = 'resnet.resnet: strides must be integers where convolutions are strided, got [1.5, 1.5]';
    await expectNamedError(() => resnet(options), ResnetError, message);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([undefined, 18, { ...PREACT18, numClasses: 5 }])('is refused for what is no option: %j', async (options) => {
    const rule = /^resnet.resnet: options must be some of {depth, inputShape, classes, .*, seed, name}, got /;
    await expectNamedError(() => resnet(options as never), ResnetError, rule);
  });

  it('leaves nothing behind when a factory refuses', () => {
    const before = tf.memory().numTensors;
    const conv = (options: object) => new PHCConv2D({ n: 3, ...options } as never);
    expect(() => resnet({ ...PREACT18, widths: [6, 6, 6, 6, 8], conv })).toThrow(/phc-conv.PHCConv2D/);
    expect(tf.memory().numTensors).toBe(before);
  });
});
