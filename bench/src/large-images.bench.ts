// From which size on FFTs beat matrices for one image: what `goesByFft` in spectral-pooling decides.
import {
  applySteps,
  columnSide,
  mapByFft,
  resampledShape,
  rowSide,
  stepsOf,
} from '@stridelab/spectral-pooling/spectral-map';
import * as tf from '@tensorflow/tfjs-core';
import { type Benchmark, markdownTable, milliseconds, openBackend, race } from './harness.ts';

const SIDES = [64, 128, 192, 256, 384, 512];
const CHANNELS = [3, 16, 64];

const benchmark: Benchmark = {
  title: 'One square image to half its size: matrices and FFTs',
  async run({ backends, rounds, print }) {
    for (const backend of backends) {
      await openBackend(backend);
      const rows: string[][] = [];
      for (const side of SIDES) {
        for (const channels of CHANNELS) {
          const x = tf.randomNormal([1, side, side, channels]);
          const half = side / 2;
          const kept = Array.from({ length: half }, (_, j) => (j < half / 2 ? j : j + half));
          const map = { height: rowSide(side, kept), width: columnSide(side, half, half / 2 + 1) };
          const { matrices, ffts } = await race(
            {
              matrices: () => applySteps(x, () => stepsOf(map), resampledShape(x, map)),
              ffts: () => mapByFft(x, () => map),
            },
            { rounds: Math.min(rounds, backend === 'wasm' ? rounds : 3) },
          );
          const ratio = (ffts.median / matrices.median).toFixed(2);
          rows.push([`${side} x ${side} x ${channels}`, milliseconds(matrices), milliseconds(ffts), ratio]);
          x.dispose();
        }
      }
      print(markdownTable([backend, 'matrices, ms', 'FFTs, ms', 'FFTs / matrices'], rows));
      print('');
    }
  },
};

export default benchmark;
