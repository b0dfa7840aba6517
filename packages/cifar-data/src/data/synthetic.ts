// A small data set made in memory: for tests, and for machines that can reach no source.
import { optionsOrNone } from '@stridelab/errors';
import { randomFor } from '../batching/random.ts';
import { CifarDataError, checkWholeNumber } from '../errors.ts';
import { CIFAR10_CLASSES } from './class-names.ts';
import { CHANNELS, type CifarData, type Split } from './split.ts';

export interface SyntheticOptions {
  /** Training images. Default 1000. */
  train?: number;
  /** Test images. Default 200. */
  test?: number;
  /** 2 to 256. Default 10. */
  classes?: number;
  /** Side of an image in pixels. Default 32. */
  size?: number;
  /** Grey levels by which a pixel may be off. Default 40. */
  noise?: number;
  /** Default 0. */
  seed?: number;
}

/**
 * Images whose class is a direction and a width of stripes and a hue, under noise and a random shift of the stripes:
 * a small convolutional network learns them in seconds, a classifier of single pixels does not.
 */
export function syntheticCifar(options: SyntheticOptions = {}): CifarData {
  const { train = 1000, test = 200, classes = 10, size = 32, noise = 40, seed = 0 } = optionsOrNone(options);
  for (const [name, value] of Object.entries({ train, test, size })) checkWholeNumber('syntheticCifar', name, value, 1);
  checkWholeNumber('syntheticCifar', 'seed', seed, 0);
  checkWholeNumber('syntheticCifar', 'classes', classes, 2);
  if (classes > 256) throw new CifarDataError('syntheticCifar', 'classes must be <= 256', classes);
  if (!(Number.isInteger(noise) && noise >= 0 && noise <= 255))
    throw new CifarDataError('syntheticCifar', 'noise must be a whole number in [0, 255]', noise);
  const classNames = classes === 10 ? CIFAR10_CLASSES : Array.from({ length: classes }, (_, label) => `class ${label}`);
  const shape = { size, noise, seed, classNames };
  return {
    name: 'synthetic',
    train: makeSplit(shape, train, 1),
    test: makeSplit(shape, test, 2),
    classNames,
    sources: ['synthetic'],
    notices: [],
  };
}

interface Shape {
  size: number;
  noise: number;
  seed: number;
  classNames: readonly string[];
}

function makeSplit({ size, noise, seed, classNames }: Shape, count: number, stream: number): Split {
  const classes = classNames.length;
  const images = new Uint8Array(count * size * size * CHANNELS);
  // Classes in turn, so that any stretch of images holds them all.
  const labels = Uint8Array.from({ length: count }, (_, i) => i % classes);
  for (let i = 0; i < count; i++) {
    const random = randomFor(seed, stream, i);
    // Whole-number patterns: nothing that two machines could round differently.
    const pattern = patternOf(labels[i]!, classes, seed);
    const shift = random.below(pattern.period);
    for (let pixel = 0; pixel < size * size; pixel++) {
      const along = pattern.alongRow * (pixel % size) + pattern.alongColumn * Math.floor(pixel / size);
      const bright = (along + shift) % pattern.period < pattern.period / 2;
      for (let channel = 0; channel < CHANNELS; channel++) {
        const level = (bright ? 1 : -1) * pattern.hue[channel]! + random.below(2 * noise + 1) - noise;
        images[(i * size * size + pixel) * CHANNELS + channel] = Math.max(0, Math.min(255, 128 + level));
      }
    }
  }
  const normalization = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } as const;
  return { count, height: size, width: size, images, labels, classNames, normalization };
}

const DIRECTIONS = [
  [1, 0],
  [0, 1],
  [1, 1],
  [1, 3],
  [3, 1],
] as const;

function patternOf(label: number, classes: number, seed: number) {
  const random = randomFor(seed, 3, label, classes);
  const [alongRow, alongColumn] = DIRECTIONS[label % DIRECTIONS.length]!;
  const period = 4 + 4 * (Math.floor(label / DIRECTIONS.length) % 3);
  const hue = [0, 1, 2].map(() => 20 + random.below(60));
  return { alongRow, alongColumn, period, hue };
}
