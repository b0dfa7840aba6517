// A ResNet-18 of hypercomplex convolutions, with a third of the parameters: tsx by-hand/phc.ts [--smoke] [--backend NAME]
import { parseArgs } from 'node:util';
import '@tensorflow/tfjs'; // brings every operation's gradient
import { type BackendName, openBackend } from '@stridelab/backend';
import { batches, loadCifar10, syntheticCifar } from '@stridelab/cifar-data';
import { foldModel, PHCConv2D } from '@stridelab/phc-conv';
import { resnet18 } from '@stridelab/resnet';
import '@stridelab/resnet/register'; // a folded model is made anew from the names of its layers
import { evaluate, fit, PRESETS, progressLines } from '@stridelab/trainer';

const { values: flags } = parseArgs({ options: { smoke: { type: 'boolean' }, backend: { type: 'string' } } });
const backend = await openBackend(flags.backend ? { prefer: [flags.backend as BackendName] } : {});
console.log(`Running on ${backend.device}`);

const { train, test } = flags.smoke ? syntheticCifar({ train: 16, test: 8, size: 16 }) : await loadCifar10();
const model = resnet18({
  variant: 'preact',
  stem: 'cifar',
  inputShape: [train.height, train.width, 3], // three colours: one hypercomplex number a pixel
  classes: 10,
  widths: flags.smoke ? [6, 6, 6, 6, 6] : [60, 60, 120, 240, 516], // multiples of n
  strides: [1, 1, 2, 2, 2],
  conv: (options) => new PHCConv2D({ ...options, n: 3 }),
});
console.log(`${model.countParams()} parameters`);

const { training, data } = PRESETS.standard;
const recipe = flags.smoke ? { ...data, batchSize: 8 } : data;
await fit(
  model,
  { train: (epoch) => batches(train, { ...recipe, seed: 0, epoch }) },
  { ...training, ...(flags.smoke && { epochs: 1 }), onEvent: progressLines() },
);

// For use, every layer becomes the plain convolution that it computes.
const folded = foldModel(model);
for (const [name, network] of Object.entries({ trained: model, folded })) {
  const { accuracy, loss } = await evaluate(network, batches(test, { normalize: recipe.normalize, shuffle: false }));
  console.log(`${name}: loss ${loss.toFixed(4)}, ${(100 * accuracy).toFixed(2)}% of ${test.count} test images`);
}
await backend.dispose();
process.exit();
