// What resnet() takes, and what can be wrong with it.
import { areOptions } from '@stridelab/errors';
import type { layers } from '@tensorflow/tfjs-layers';
import { type Architecture, architectureOf, DEPTH_RULE, STEMS } from './architectures.ts';
import { ResnetError } from './errors.ts';

/** Of height and width. */
export type Pair = [number, number];

/** Where in the network a layer goes. */
export interface Site {
  role: 'stem' | 'block' | 'shortcut';
  /** 0 for the stem, then from 1. */
  stage: number;
  /** Differs from layer to layer, and follows from the network's seed; undefined without one. */
  seed: number | undefined;
}

/** Options of `tf.layers.conv2d`, to be handed on as they are. */
export interface ConvOptions {
  name: string;
  filters: number;
  kernelSize: number;
  strides: Pair;
  /** 'valid' where the network has padded the image itself: see {@link ResnetOptions.padding}. */
  padding: 'same' | 'valid';
  useBias: false;
  kernelInitializer: NonNullable<Parameters<typeof layers.conv2d>[0]['kernelInitializer']>;
}

/** Makes a convolution layer, such as `(options) => new PHCConv2D({ n: 3, ...options })`. */
export type ConvFactory = (options: ConvOptions, site: Site) => layers.Layer;

/** Makes the one downsampling layer of a stage; undefined leaves it to a strided convolution. */
export type DownsampleFactory = (options: { name: string; strides: Pair }, site: Site) => layers.Layer | undefined;

export interface ResnetOptions {
  /** 18, 34, 50, 101, 152, or 6 n + 2 such as 20, 32, 44, 56, 110. The literature's network of this depth is the default. */
  depth: number;
  /** (height, width, channels) */
  inputShape: [number, number, number];
  classes: number;
  /** Whether batch normalization and ReLU stand before the convolutions or after them. */
  variant?: 'preact' | 'postact';
  /** 'cifar': a 3x3 convolution; 'imagenet': a 7x7 convolution and a 3x3 max pool of stride 2. */
  stem?: 'cifar' | 'imagenet';
  /** Channels of the stem, then of each stage; a bottleneck block puts out four times as many. */
  widths?: readonly number[];
  /** Of the stem, then of each stage; a pair for height and width. Fractions want a `downsample` that takes them. */
  strides?: readonly (number | Pair)[];
  /** What a shortcut does where the shape changes: a 1x1 convolution, or zeros for the channels that it lacks. */
  shortcut?: 'projection' | 'padding';
  /**
   * Where the zeros of strided windows go. Default 'same': as TensorFlow puts them, the odd one at the end. 'symmetric': half of
   * the window on each side, as in PyTorch, whose weights want it. Windows without strides are the same in both.
   */
  padding?: 'same' | 'symmetric';
  /** Default `tf.layers.conv2d`. */
  conv?: ConvFactory;
  /** Default none: the convolutions are strided. */
  downsample?: DownsampleFactory;
  /** What the model puts out. Default 'logits'. */
  outputs?: 'logits' | 'probabilities';
  /**
   * Whether every residual branch starts as zero: by its last gamma, and in a pre-activation network by its last kernel,
   * since a ReLU after a gamma of zero would pass no gradient. Default false.
   */
  zeroInitLastGamma?: boolean;
  /** Of batch normalization. Default momentum 0.9, epsilon 1e-5. */
  norm?: { momentum?: number; epsilon?: number };
  /** Makes the initial weights repeatable. */
  seed?: number;
  /** Of the model. */
  name?: string;
}

/** Options with nothing left open. */
export interface Plan extends Omit<Architecture, 'strides'> {
  strides: Pair[];
}

export const NAME = 'resnet';

export const WHOLE_STRIDES = 'strides must be integers where convolutions are strided';

function check(right: boolean, rule: string, got: unknown): asserts right {
  if (!right) throw new ResnetError(NAME, rule, got);
}

const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 1;

function checkChoice(name: string, value: unknown, choices: readonly string[]): void {
  const words = choices.map((choice) => `'${choice}'`).join(' or ');
  check(choices.includes(value as string), `${name} must be ${words}`, value);
}

const OPTIONS: readonly (keyof ResnetOptions)[] = [
  'depth',
  'inputShape',
  'classes',
  'variant',
  'stem',
  'widths',
  'strides',
  'shortcut',
  'padding',
  'conv',
  'downsample',
  'outputs',
  'zeroInitLastGamma',
  'norm',
  'seed',
  'name',
];

/** A name that is not there would be ignored without a word. */
function checkNames(options: ResnetOptions): void {
  check(areOptions(options, OPTIONS), `options must be some of {${OPTIONS.join(', ')}}`, options);
  const { norm = {}, seed = 0, conv, downsample } = options;
  check(areOptions(norm, ['momentum', 'epsilon']), 'norm must be some of {momentum, epsilon}', norm);
  check(Number.isInteger(seed), 'seed must be an integer', seed);
  for (const [name, make] of Object.entries({ conv, downsample })) {
    check(make === undefined || typeof make === 'function', `${name} must be a function that makes a layer`, make);
  }
}

export function planOf(options: ResnetOptions): Plan {
  checkNames(options);
  const { depth, inputShape, classes, downsample, outputs = 'logits', padding = 'same' } = options;
  const usual = architectureOf(depth);
  check(usual !== undefined, DEPTH_RULE, depth);
  const { variant = usual.variant, stem = usual.stem, shortcut = usual.shortcut, widths = usual.widths } = options;
  checkChoice('variant', variant, ['preact', 'postact']);
  checkChoice('stem', stem, ['cifar', 'imagenet']);
  checkChoice('shortcut', shortcut, ['projection', 'padding']);
  checkChoice('outputs', outputs, ['logits', 'probabilities']);
  checkChoice('padding', padding, ['same', 'symmetric']);
  check(isCount(classes), 'classes must be an integer >= 1', classes);
  const shaped = Array.isArray(inputShape) && inputShape.length === 3 && inputShape.every(isCount);
  check(shaped, 'inputShape must be three integers >= 1: height, width, channels', inputShape);

  const count = usual.blocks.length + 1;
  const { strides = [STEMS[stem].stride, ...usual.strides] } = options;
  const each = `${count} numbers for depth ${depth}, of the stem and of each stage`;
  check(widths.length === count, `widths must be ${each}`, widths);
  check(widths.every(isCount), 'widths must be integers >= 1', widths);
  check(strides.length === count, `strides must be ${each}`, strides);
  const pairs = strides.map((stride) => (Array.isArray(stride) ? [...stride] : [stride, stride]) as Pair);
  const atLeastOne = pairs.every(
    (pair) => pair.length === 2 && pair.every((side) => Number.isFinite(side) && side >= 1),
  );
  check(atLeastOne, 'strides must be numbers >= 1, or pairs of them', strides);
  const whole = pairs.flat().every(Number.isInteger);
  check(whole || downsample !== undefined, WHOLE_STRIDES, strides);
  for (const side of [0, 1] as const) {
    const total = pairs.reduce((product, pair) => product * pair[side], STEMS[stem].maxPool ? 2 : 1);
    check(inputShape[side] >= total, `each image side must be >= ${total}, the product of its strides`, inputShape);
  }
  checkWidths(shortcut, usual, widths);
  // Zeros would count among values of both signs.
  const poolsZeros = padding === 'symmetric' && variant === 'preact' && STEMS[stem].maxPool;
  check(!poolsZeros, "padding must be 'same' where a stem pools maxima before a ReLU, with variant 'preact'", padding);
  return { ...usual, variant, stem, shortcut, widths, strides: pairs };
}

/** Zeros can be added to channels, and none taken away. */
function checkWidths(shortcut: string, { block }: Architecture, widths: readonly number[]): void {
  if (shortcut !== 'padding' || block !== 'basic') return;
  const growing = widths.every((width, i) => i === 0 || width >= widths[i - 1]!);
  check(growing, "widths must not shrink where shortcut is 'padding'", widths);
}
