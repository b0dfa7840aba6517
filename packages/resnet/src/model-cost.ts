import { type Tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import { LayersModel, type layers, type Shape, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { checkModel } from './check-model.ts';
import { ResnetError } from './errors.ts';
import { multiplyAdds } from './multiply-adds.ts';

/** One application of a layer. */
export interface LayerCost {
  name: string;
  className: string;
  /** (batch 1, ...) */
  outputShape: number[];
  /** Of the layer; 0 where it is applied again. */
  parameters: number;
  trainableParameters: number;
  multiplyAdds: number;
  /** Of the output, in float32. */
  activationBytes: number;
}

export interface ModelCost
  extends Pick<LayerCost, 'parameters' | 'trainableParameters' | 'multiplyAdds' | 'activationBytes'> {
  layers: LayerCost[];
}

/**
 * What a model costs for one example at the strides of this moment: parameters, multiply-adds (of convolutions, dense
 * layers and those that count their own) and bytes of activations, layer by layer in the order of computation, those of models within the model included.
 *
 * `inputShape` (height, width, channels) is the model's own by default. Nothing is computed but the pooling layers that
 * cannot tell their output's size beforehand.
 */
export function modelCost(model: LayersModel, inputShape?: number[]): ModelCost {
  checkModel('modelCost', model);
  const expected = model.inputs[0]!.shape.slice(1);
  const shape = inputShape ?? (expected as number[]);
  const fits = shape.length === expected.length && shape.every((size, i) => size === (expected[i] ?? size));
  if (!fits || !shape.every((size) => Number.isInteger(size) && size >= 1)) {
    const words = expected.map((size) => size ?? 'any').join(', ');
    throw new ResnetError('modelCost', `inputShape must be integers that fit [${words}]`, shape);
  }
  const rows = rowsOf(model, [[1, ...shape]], new Set()).rows;
  const total = (key: keyof Omit<ModelCost, 'layers'>) => rows.reduce((sum, row) => sum + row[key], 0);
  return {
    layers: rows,
    parameters: total('parameters'),
    trainableParameters: total('trainableParameters'),
    multiplyAdds: total('multiplyAdds'),
    activationBytes: total('activationBytes'),
  };
}

/** Of a model for inputs of these shapes; `counted` are the layers whose parameters have been. */
function rowsOf(model: LayersModel, inputShapes: number[][], counted: Set<layers.Layer>) {
  const shapes = new Map(
    model.inputs.map(({ id, shape }, i) => [id, inputShapes[i] ?? [1, ...(shape.slice(1) as number[])]]),
  );
  const rows: LayerCost[] = [];
  // Depth first from the outputs, without recursion: a network may be deeper than the stack.
  const stack: SymbolicTensor[] = [...model.outputs].reverse();
  while (stack.length) {
    const output = stack.at(-1)!;
    const missing = output.inputs.filter(({ id }) => !shapes.has(id));
    if (!shapes.has(output.id) && missing.length) {
      stack.push(...missing.reverse());
      continue;
    }
    stack.pop();
    if (shapes.has(output.id)) continue;
    const layer = output.sourceLayer;
    const inputs = output.inputs.map(({ id }) => shapes.get(id)!);
    if (layer instanceof LayersModel) {
      const inner = rowsOf(layer, inputs, counted);
      rows.push(...inner.rows);
      for (const [i, { id }] of layer.inboundNodes[output.nodeIndex]!.outputTensors.entries())
        shapes.set(id, inner.outputShapes[i]!);
      continue;
    }
    const outputShape = outputShapeOf(layer, inputs);
    shapes.set(output.id, outputShape);
    rows.push(costOf(layer, inputs[0]!, outputShape, counted.has(layer)));
    counted.add(layer);
  }
  return { rows, outputShapes: model.outputs.map(({ id }) => shapes.get(id)!) };
}

function costOf(layer: layers.Layer, inputShape: number[], outputShape: number[], again: boolean): LayerCost {
  return {
    name: layer.name,
    className: layer.getClassName(),
    outputShape,
    parameters: again ? 0 : size(layer.weights),
    trainableParameters: again ? 0 : size(layer.trainableWeights),
    multiplyAdds: multiplyAdds(layer, inputShape, outputShape),
    activationBytes: 4 * outputShape.reduce((product, side) => product * side, 1),
  };
}

function size(weights: layers.Layer['weights']): number {
  return weights.reduce((sum, { shape }) => sum + (shape as number[]).reduce((product, side) => product * side, 1), 0);
}

function outputShapeOf(layer: layers.Layer, inputs: number[][]): number[] {
  const one = inputs.length === 1;
  const shape = layer.computeOutputShape((one ? inputs[0]! : inputs) as Shape) as Shape;
  if (shape.every((side) => side != null)) return shape as number[];
  // A layer whose strides are learned: its size is what it comes to now.
  return tidy(() => {
    const blanks = inputs.map((sides) => zeros(sides));
    return (layer.apply(one ? blanks[0]! : blanks) as Tensor).shape;
  });
}
