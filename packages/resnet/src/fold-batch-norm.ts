import { add, mul, reshape, rsqrt, sub, type Tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import { LayersModel, type layers } from '@tensorflow/tfjs-layers';
import { checkModel } from './check-model.ts';
import { ResnetError } from './errors.ts';

type Reference = [name: string, nodeIndex: number, tensorIndex: number, kwargs?: unknown];

interface LayerConfig {
  name: string;
  className: string;
  config: Record<string, unknown>;
  inboundNodes: Reference[][];
}

interface ModelConfig {
  name: string;
  layers: LayerConfig[];
  inputLayers: Reference[];
  outputLayers: Reference[];
}

const NORMS = ['BatchNorm', 'BatchNormalization'];
const LINEAR = ['Conv1D', 'Conv2D', 'Conv3D', 'Dense'];

/**
 * Makes a model for inference in which a batch normalization that follows a convolution (or dense layer) and nothing else
 * does has become part of its kernel and bias, and a ReLU in it the convolution's activation: equal outputs, fewer passes.
 *
 * A normalization after a sum or a pooling stays, as do those of models within the model. The weights are copies, and `model`
 * stays as it is.
 */
export function foldBatchNorm(model: LayersModel): LayersModel {
  checkModel('foldBatchNorm', model);
  const config = model.getConfig() as unknown as ModelConfig;
  if (!config.layers?.[0]?.inboundNodes) {
    throw new ResnetError('foldBatchNorm', 'model must be functional, as tf.model makes it', model.getClassName());
  }
  const norms = foldable(model, config);
  const modelType = model.constructor as unknown as {
    fromConfig(type: unknown, config: unknown): LayersModel;
  };
  // Their classes as they are here, so that none has to be registered.
  const customObjects = Object.fromEntries(
    withInner(model).map(({ constructor: type }) => {
      const { className, fromConfig } = type as unknown as { className: string; fromConfig: unknown };
      return [className, [type, fromConfig]];
    }),
  );
  const folded = modelType.fromConfig(modelType, { ...foldConfig(model, config, norms), customObjects });
  const normOf = new Map([...norms].map(([norm, linear]) => [linear, model.getLayer(norm)]));
  copyWeights(model, folded, normOf);
  return folded;
}

/** Layers of a model, and of models within it. */
function withInner(model: LayersModel): layers.Layer[] {
  return model.layers.flatMap((layer) => (layer instanceof LayersModel ? [layer, ...withInner(layer)] : [layer]));
}

/** Layer by layer: the order in which a model within the model gives its weights depends on which of them are frozen. */
function copyWeights(from: LayersModel, to: LayersModel, normOf: Map<string, layers.Layer>): void {
  for (const layer of to.layers) {
    const source = from.getLayer(layer.name);
    const norm = normOf.get(layer.name);
    if (layer instanceof LayersModel) copyWeights(source as LayersModel, layer, new Map());
    else tidy(() => layer.setWeights(norm ? foldWeights(source, norm) : source.getWeights()));
  }
}

/** Name of each normalization that can go, and of the layer that it goes into. */
function foldable(model: LayersModel, { layers: configs, outputLayers }: ModelConfig): Map<string, string> {
  const uses = [...configs.flatMap(({ inboundNodes }) => inboundNodes.flat()), ...outputLayers].map(([name]) => name);
  const found = new Map<string, string>();
  for (const { name, className, config, inboundNodes } of configs) {
    if (!NORMS.includes(className) || inboundNodes.length !== 1) continue;
    const source = model.getLayer(inboundNodes[0]![0]![0]);
    const { activation, dataFormat } = source.getConfig();
    const plain = LINEAR.includes(source.getClassName()) && dataFormat !== 'channelsFirst';
    const linear = activation == null || activation === 'linear';
    const lastAxis = config.axis === -1 || config.axis === source.outputShape.length - 1;
    const onlyUse = uses.filter((use) => use === source.name).length === 1;
    if (plain && linear && lastAxis && onlyUse) found.set(name, source.name);
  }
  return found;
}

function foldConfig(model: LayersModel, config: ModelConfig, norms: Map<string, string>): ModelConfig {
  const normOf = new Map([...norms].map(([norm, linear]) => [linear, norm]));
  const rewire = ([name, ...rest]: Reference): Reference => [norms.get(name) ?? name, ...rest];
  const kept = config.layers.filter(({ name }) => !norms.has(name));
  return {
    ...config,
    layers: kept.map((layer) => {
      const inboundNodes = layer.inboundNodes.map((node) => node.map(rewire));
      const norm = normOf.get(layer.name);
      if (!norm) return { ...layer, inboundNodes };
      const { activation } = model.getLayer(norm).getConfig();
      const given = { useBias: true, activation: activation ?? 'linear', kernelInitializer: 'zeros' };
      return { ...layer, inboundNodes, config: { ...layer.config, ...given } };
    }),
    outputLayers: config.outputLayers.map(rewire),
  };
}

interface Norm {
  epsilon: number;
  gamma?: Weight;
  beta?: Weight;
  movingMean: Weight;
  movingVariance: Weight;
}

interface Weight {
  read(): Tensor;
}

/** kernel * s and (bias - mean) * s + beta, with s = gamma / sqrt(variance + epsilon) for each output channel. */
function foldWeights(linear: layers.Layer, norm: layers.Layer): Tensor[] {
  const { epsilon, gamma, beta, movingMean, movingVariance } = norm as unknown as Norm;
  const [kernel, bias = zeros(movingMean.read().shape)] = linear.getWeights() as [Tensor, Tensor?];
  const root = rsqrt(add(movingVariance.read(), epsilon));
  const slope = gamma ? mul(root, gamma.read()) : root;
  const shift = mul(sub(bias, movingMean.read()), slope);
  return [mul(kernel, reshape(slope, [-1])), beta ? add(shift, beta.read()) : shift];
}
