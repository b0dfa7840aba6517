// A trained network for another task.
import { areOptions, optionsOrNone } from '@stridelab/errors';
import { type LayersModel, type layers, model as makeModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { checkModel } from './check-model.ts';
import { ResnetError } from './errors.ts';
import { denseHead, type HeadOptions } from './head.ts';

/** What {@link freezeUntil} froze: it sets free nothing that its caller has frozen. */
const frozen = new WeakSet<layers.Layer>();

/**
 * Freezes every layer before the first one whose name is `name` or begins with it, such as 'stage3', 'stage3_block2' or
 * 'head'. Of that one and those after it, it unfreezes what an earlier call froze. Compile the model afterwards.
 */
export function freezeUntil(model: LayersModel, name: string): void {
  checkModel('freezeUntil', model);
  const first = model.layers.findIndex((layer) => layer.name === name || layer.name.startsWith(`${name}_`));
  if (first < 0) {
    const known = [...new Set(model.layers.map((layer) => layer.name.split('_')[0]!))];
    throw new ResnetError('freezeUntil', `name must begin a layer's name, such as ${known.join(', ')}`, name);
  }
  for (const [i, layer] of model.layers.entries()) {
    if (i >= first) {
      if (frozen.delete(layer)) layer.trainable = true;
    } else if (layer.trainable) {
      frozen.add(layer);
      layer.trainable = false;
    }
  }
}

/**
 * Makes a model that ends in a new dense layer in the place of the last one. All other layers are shared with `model`, which
 * stays as it is: what one of them learns, both know.
 */
export function replaceHead(model: LayersModel, options: HeadOptions): LayersModel {
  checkModel('replaceHead', model);
  const given = optionsOrNone(options);
  const { classes, outputs = 'logits' } = given;
  if (!areOptions(given, ['classes', 'outputs', 'seed'])) {
    throw new ResnetError('replaceHead', 'options must be some of {classes, outputs, seed}', options);
  }
  const head = model.outputs[0]!.sourceLayer;
  if (head.getClassName() !== 'Dense') {
    throw new ResnetError('replaceHead', 'the last layer must be a dense one', head.getClassName());
  }
  if (!Number.isInteger(classes) || classes < 1) {
    throw new ResnetError('replaceHead', 'classes must be an integer >= 1', classes);
  }
  if (outputs !== 'logits' && outputs !== 'probabilities') {
    throw new ResnetError('replaceHead', "outputs must be 'logits' or 'probabilities'", outputs);
  }
  const next = denseHead(head.name, options);
  const outcome = next.apply(head.input) as SymbolicTensor;
  return makeModel({ inputs: model.inputs, outputs: outcome, name: model.name });
}
