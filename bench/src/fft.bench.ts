// fft-ops beside tf.spectral, where stock TF.js can run at all: wasm has no FFT, and no backend has its gradient.
import { rfft, rfft2 } from '@stridelab/fft-ops';
import { openTestBackend } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { type Benchmark, markdownTable, milliseconds, race, type Work } from './harness.ts';

interface Row {
  name: string;
  shape: number[];
  ours(x: tf.Tensor): { real: tf.Tensor; imag: tf.Tensor };
  stock(x: tf.Tensor): { real: tf.Tensor; imag: tf.Tensor };
}

const parts = (x: tf.Tensor) => ({ real: tf.real(x), imag: tf.imag(x) });

const ROWS: Row[] = [
  {
    name: 'rfft2 of [32, 32, 32, 32], axes 1 and 2',
    shape: [32, 32, 32, 32],
    ours: (x) => rfft2(x, { axes: [1, 2] }),
    // tf.spectral transforms the last axis alone and returns it flattened to rank 2; TF.js transposes no complex tensor,
    // so that its parts are, one by one.
    stock: (x) => {
      const half = parts(tf.spectral.rfft(tf.transpose(x, [0, 3, 1, 2])));
      const swap = (part: tf.Tensor) => tf.transpose(tf.reshape(part, [32, 32, 32, 17]), [0, 1, 3, 2]);
      const swapped = tf.complex(swap(half.real), swap(half.imag));
      const full = parts(tf.spectral.fft(swapped));
      const back = (part: tf.Tensor) => tf.transpose(tf.reshape(part, [32, 32, 17, 32]), [0, 3, 2, 1]);
      return { real: back(full.real), imag: back(full.imag) };
    },
  },
  ...[256, 1024, 4096].map(
    (n): Row => ({
      name: `rfft of [256, ${n}]`,
      shape: [256, n],
      ours: (x) => rfft(x),
      stock: (x) => parts(tf.spectral.rfft(x)),
    }),
  ),
];

const benchmark: Benchmark = {
  title: 'fft-ops and tf.spectral',
  async run({ backends, rounds, print }) {
    const table: string[][] = [];
    for (const backend of backends) {
      await openTestBackend(backend);
      for (const { name, shape, ours, stock } of ROWS) {
        const x = tf.randomNormal(shape);
        const { real, imag } = tf.tidy(() => ours(x));
        const [dReal, dImag] = [tf.randomNormal(real.shape), tf.randomNormal(imag.shape)];
        tf.dispose([real, imag]);
        const loss = (v: tf.Tensor) => {
          const spectrum = ours(v);
          return tf.add(tf.sum(tf.mul(spectrum.real, dReal)), tf.sum(tf.mul(spectrum.imag, dImag)));
        };
        const gradient = tf.grad(loss);
        const rivals: Record<string, Work> = {
          ours: () => Object.values(ours(x)),
          both: () => gradient(x),
          ...(backend !== 'wasm' && { stock: () => Object.values(stock(x)) }),
        };
        const timings = await race(rivals, { rounds });
        const { stock: theirs } = timings;
        table.push([
          backend,
          name,
          milliseconds(timings.ours!),
          theirs ? milliseconds(theirs) : 'cannot run',
          theirs ? `${(theirs.median / timings.ours!.median).toFixed(1)} x` : '',
          milliseconds(timings.both!),
        ]);
        tf.dispose([x, dReal, dImag]);
      }
    }
    const header = ['backend', 'transform', 'forward, ms', 'tf.spectral, ms', 'faster by', 'forward + backward, ms'];
    print(markdownTable(header, table));
  },
};

export default benchmark;
