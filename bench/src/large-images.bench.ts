// From which size on FFTs beat matrices for one image: what `goesByFft` in spectral-pooling decides.
import {
  applySteps,
  columnSide,
  mapByFft,
  resampledShape,
  rowSide,
  stepsOf,
} from '@stridelab/spectral-pooling/spectral-map';
import { peakBytes } from '@stridelab/test-kit';
import { openTestBackend } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { type Benchmark, forwardAndBackward, markdownTable, milliseconds, race, type Work } from './harness.ts';

const SHAPES: [batch: number, side: number, channels: number][] = [
  [1, 128, 3],
  [1, 224, 3],
  [1, 384, 3],
  [1, 512, 3],
  [4, 512, 3],
  [1, 1024, 3],
  [1, 224, 16],
  [1, 512, 16],
  [1, 512, 64],
];

const benchmark: Benchmark = {
  title: 'Square images to half their size, forward + backward: matrices and FFTs',
  async run({ backends, rounds, print }) {
    for (const backend of backends) {
      await openTestBackend(backend);
      const rows: string[][] = [];
      for (const [batch, side, channels] of SHAPES) {
        const x = tf.randomNormal([batch, side, side, channels]);
        const half = side / 2;
        const dy = tf.randomNormal([batch, half, half, channels]);
        const kept = Array.from({ length: half }, (_, j) => (j < half / 2 ? j : j + half));
        const map = { height: rowSide(side, kept), width: columnSide(side, half, half / 2 + 1) };
        const ways: Record<'matrices' | 'ffts', Work> = {
          matrices: forwardAndBackward((v) => applySteps(v!, () => stepsOf(map), resampledShape(x, map)), [x], dy),
          ffts: forwardAndBackward((v) => mapByFft(v!, () => map), [x], dy),
        };
        const { matrices, ffts } = await race(ways, { rounds: backend === 'wasm' ? rounds : Math.min(rounds, 3) });
        // The output is there too, and the gradient is a map.
        const maps = (work: Work) => (peakBytes(() => tf.dispose(work())) / 4 - dy.size - x.size) / x.size;
        rows.push([
          `${batch} of ${side} x ${side} x ${channels}`,
          milliseconds(matrices),
          milliseconds(ffts),
          (ffts.median / matrices.median).toFixed(2),
          maps(ways.matrices).toFixed(2),
          maps(ways.ffts).toFixed(2),
        ]);
        tf.dispose([x, dy]);
      }
      const header = ['matrices, ms', 'FFTs, ms', 'FFTs / matrices', 'matrices, maps', 'FFTs, maps'];
      print(markdownTable([backend, ...header], rows));
      print('');
    }
  },
};

export default benchmark;
