import { CHANNELS, checkSplit, type Normalization, type Split } from '../data/split.ts';
import { CifarDataError } from '../errors.ts';

/** Mean and standard deviation of each channel of a split, over v / 255. Sums are of whole numbers, hence exact. */
export function measureNormalization(split: Split): Normalization {
  checkSplit('measureNormalization', split);
  const { images, count } = split;
  if (count === 0) throw new CifarDataError('measureNormalization', 'the split must hold an image', count);
  const counts = [0, 1, 2].map(() => new Float64Array(256));
  for (let channel = 0; channel < CHANNELS; channel++) {
    const histogram = counts[channel]!;
    for (let i = channel; i < images.length; i += CHANNELS) histogram[images[i]!]!++;
  }
  const pixels = images.length / CHANNELS;
  const moments = counts.map((histogram) => {
    let sum = 0;
    let squares = 0;
    histogram.forEach((times, value) => {
      sum += times * value;
      squares += times * value * value;
    });
    const mean = sum / pixels;
    return { mean: mean / 255, std: Math.sqrt(squares / pixels - mean * mean) / 255 };
  });
  const triple = (key: 'mean' | 'std') => moments.map((m) => m[key]) as unknown as Normalization['mean'];
  return { mean: triple('mean'), std: triple('std') };
}
