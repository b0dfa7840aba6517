// Trains the network before and after the change, on pictures that are made here, on the WebAssembly backend.
import '@stridelab/wasm'; // gradients of convolutions, which TensorFlow.js lacks on wasm; nothing to do with DiffStride
import * as tf from '@tensorflow/tfjs';
import { network as after } from './after.js';
import { network as before } from './before.js';
import { CLASSES, pictures, SIZE } from './data.js';

await tf.setBackend('wasm');

const training = pictures(512, 1);
const test = pictures(256, 2);

async function train(name, network) {
  const model = network(SIZE, CLASSES);
  const layer = model.layers.find((candidate) => candidate.getClassName() === 'DiffStride');
  const show = async () =>
    layer ? `, strides ${(await layer.readStrides()).map((s) => s.toFixed(3)).join(' x ')}` : '';
  console.log(`${name}: ${model.countParams()} parameters${await show()}`);
  const started = performance.now();
  for (let epoch = 1; epoch <= 8; epoch++) {
    const { history } = await model.fit(training.images, training.labels, { epochs: 1, batchSize: 32, verbose: 0 });
    console.log(`  epoch ${epoch}: loss ${history.loss[0].toFixed(3)}${await show()}`);
  }
  const [, accuracy] = model.evaluate(test.images, test.labels);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name}: ${(100 * (await accuracy.data())[0]).toFixed(1)} % of the test pictures right, ${seconds} s`);
}

await train('before, max pooling', before);
await train('after, DiffStride', after);
