// A ResNet-18 with fractional strides, by spectral pooling: tsx by-hand/spectral-pooling.ts [--smoke] [--backend NAME]
import { parseArgs } from 'node:util';
import '@tensorflow/tfjs'; // brings every operation's gradient
import { type BackendName, openBackend } from '@stridelab/backend';
import { batches, loadCifar10, splitValidation, syntheticCifar } from '@stridelab/cifar-data';
import { modelCost, resnet18 } from '@stridelab/resnet';
import { SpectralPooling2D } from '@stridelab/spectral-pooling';
import { evaluate, fit, PRESETS, progressLines } from '@stridelab/trainer';

const { values: flags } = parseArgs({ options: { smoke: { type: 'boolean' }, backend: { type: 'string' } } });
const backend = await openBackend(flags.backend ? { prefer: [flags.backend as BackendName] } : {});
console.log(`Running on ${backend.device}`);

const { train, test } = flags.smoke ? syntheticCifar({ train: 24, test: 8, size: 16 }) : await loadCifar10();
const { train: learned, validation } = splitValidation(train, flags.smoke ? 8 : 5000, 0);
const model = resnet18({
  variant: 'preact',
  stem: 'cifar',
  inputShape: [train.height, train.width, 3],
  classes: 10,
  widths: flags.smoke ? [4, 4, 4, 8, 8] : [64, 64, 128, 256, 512],
  strides: [1, 1, 1.5, 2, 2.5], // 32, 21, 11, 4 pixels: no strided convolution can do the first and the last
  downsample: ({ name, strides }) =>
    strides.every((stride) => stride === 1) ? undefined : new SpectralPooling2D({ name, strides }),
});
const cost = modelCost(model);
console.log(`${cost.parameters} parameters, ${cost.multiplyAdds.toLocaleString('en')} multiply-adds an image`);

const { training, data } = PRESETS.standard;
const recipe = flags.smoke ? { ...data, batchSize: 8 } : data;
const looking = { normalize: recipe.normalize, shuffle: false };
const { best } = await fit(
  model,
  {
    train: (epoch) => batches(learned, { ...recipe, seed: 0, epoch }),
    validation: batches(validation, looking),
  },
  { ...training, ...(flags.smoke && { epochs: 1 }), earlyStopping: { patience: 20 }, onEvent: progressLines() },
);

const { accuracy } = await evaluate(model, batches(test, looking));
console.log(`Best epoch ${best!.epoch + 1}; at the end ${(100 * accuracy).toFixed(2)}% of ${test.count} test images`);
await backend.dispose();
process.exit();
