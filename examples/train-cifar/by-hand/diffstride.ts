// A ResNet-18 that learns its strides on CIFAR-10, put together by hand: tsx by-hand/diffstride.ts [--smoke] [--backend NAME]
import { parseArgs } from 'node:util';
import '@tensorflow/tfjs'; // brings every operation's gradient
import { type BackendName, openBackend } from '@stridelab/backend';
import { batches, loadCifar10, syntheticCifar } from '@stridelab/cifar-data';
import { DiffStride } from '@stridelab/diffstride';
import { resnet18 } from '@stridelab/resnet';
import { evaluate, fit, PRESETS, progressLines, readStrides } from '@stridelab/trainer';

const { values: flags } = parseArgs({ options: { smoke: { type: 'boolean' }, backend: { type: 'string' } } });
const backend = await openBackend(flags.backend ? { prefer: [flags.backend as BackendName] } : {});
console.log(`Running on ${backend.device}`);

const { train, test } = flags.smoke ? syntheticCifar({ train: 16, test: 8, size: 16 }) : await loadCifar10();
const model = resnet18({
  variant: 'preact',
  stem: 'cifar',
  inputShape: [train.height, train.width, 3],
  classes: 10,
  widths: flags.smoke ? [4, 4, 4, 8, 8] : [64, 64, 128, 256, 512],
  strides: [1, 1, 2, 2, 2], // where they start
  downsample: (options) => new DiffStride(options),
});

// The published recipe: 246 epochs on a GPU.
const { training, data } = PRESETS.published;
const recipe = flags.smoke ? { ...data, batchSize: 4 } : data; // a pair of images makes one
const result = await fit(
  model,
  { train: (epoch) => batches(train, { ...recipe, seed: 0, epoch }) },
  { ...training, ...(flags.smoke && { epochs: 1 }), onEvent: progressLines() },
);

const { accuracy } = await evaluate(model, batches(test, { normalize: recipe.normalize, shuffle: false }));
console.log(`After ${result.step} steps: ${(100 * accuracy).toFixed(2)}% of ${test.count} test images`);
for (const { layer, strides, from, to } of await readStrides(model, [train.height, train.width, 3])) {
  console.log(`${layer}: strides ${strides.map((stride) => stride.toFixed(3)).join(' x ')}, maps ${from} to ${to}`);
}
await backend.dispose();
process.exit();
