// The same steps on tfjs-node, in a process of its own, as TensorFlow keeps threads of its own: by our packages, or by stock
// TF.js alone. Prints what resnet18.py prints. Started with STRIDELAB_TENSORFLOW, as the tests on TensorFlow are.
import { openTestBackend } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { network, ours, stock, training, WEIGHT_DECAY } from '../gpu/networks.ts';
import { stockNetwork } from '../stock-network.ts';
import { type Kind, SIZE, times } from './steps.ts';

const [whose, kind] = process.argv.slice(2) as ['ours' | 'stock', Kind];

await openTestBackend('tensorflow');
const { binding } = tf.backend() as unknown as { binding: { TF_Version: string } };
const model = network(kind, SIZE);
const stockModel =
  whose === 'stock' ? await stockNetwork(model, { l2: WEIGHT_DECAY / 2, outputs: 'logits' }) : undefined;
const steps = times(stockModel ? training(stockModel, stock(stockModel), SIZE) : training(model, ours(), SIZE));
console.log(JSON.stringify({ name: `tfjs-node with TensorFlow ${binding.TF_Version}`, times: steps }));
process.exit(); // Dawn keeps the process alive
