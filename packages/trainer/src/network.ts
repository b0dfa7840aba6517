// What the loop has to know of a model.
import { log, maximum, type Tensor, type Tensor2D, type Variable } from '@tensorflow/tfjs-core';
import { LayersModel, type layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { TrainerError } from './errors.ts';

export interface Network {
  model: LayersModel;
  /** Shape of one example, null where any side will do. */
  example: (number | null)[];
  classes: number;
  variables: Variable[];
  /** (size, ...example) to (size, classes). */
  logits(images: Tensor, training: boolean): Tensor2D;
  /** What layers add to the loss: their regularizers, and penalties such as diffstride's StrideRegularizer. */
  penalties(): Tensor[];
}

export function checkModel(operation: string, model: LayersModel): void {
  if (!(model instanceof LayersModel)) throw new TrainerError(operation, 'model must be a tf.LayersModel', model);
}

/** A classifier that can be trained: one input, and one output of logits or of softmax's probabilities. */
export function networkOf(operation: string, model: LayersModel): Network {
  checkModel(operation, model);
  const { inputs, outputs } = model;
  if (inputs.length !== 1 || outputs.length !== 1) {
    const counts = { inputs: inputs.length, outputs: outputs.length };
    throw new TrainerError(operation, 'the model must have one input and one output', counts);
  }
  const shape = outputs[0]!.shape;
  const classes = shape[1];
  if (shape.length !== 2 || !classes || classes < 2) {
    throw new TrainerError(operation, 'the model must give (size, classes), two classes or more', shape);
  }
  const last = lastLayer(outputs[0]!);
  const probabilities = last.getClassName() === 'Softmax' || last.getConfig().activation === 'softmax';
  const all = [...new Set(layersOf(model))];
  return {
    model,
    example: inputs[0]!.shape.slice(1),
    classes,
    variables: [...new Set(model.trainableWeights.map((weight) => weight.read() as Variable))],
    logits(images, training) {
      const given = model.apply(images, { training }) as Tensor2D;
      // softmax(log p) = p, so that the logarithms of probabilities are logits.
      return probabilities ? (log(maximum(given, 1e-7)) as Tensor2D) : given;
    },
    // Once for each layer: a model's own sum counts a layer that is used twice two times.
    penalties: () => all.flatMap((layer) => layer.calculateLosses()),
  };
}

/** The layer that an output comes from, which for a model within the model is that one's last. */
function lastLayer({ sourceLayer, outputTensorIndex = 0 }: SymbolicTensor): layers.Layer {
  return sourceLayer instanceof LayersModel ? lastLayer(sourceLayer.outputs[outputTensorIndex]!) : sourceLayer;
}

/** Every layer, those of models within the model included, which stand for themselves no more. */
export function layersOf(model: LayersModel): layers.Layer[] {
  return model.layers.flatMap((layer) => (layer instanceof LayersModel ? layersOf(layer) : [layer]));
}
