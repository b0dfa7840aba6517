// A trained model without its hypercomplex layers.
import type { LayersModel, layers } from '@tensorflow/tfjs-layers';
import { PhcConvError } from './errors.ts';
import { HYPERCOMPLEX_KEYS, PhcLayer } from './layers/phc-layer.ts';

const PLAIN: Record<string, string> = {
  PHCConv1D: 'Conv1D',
  PHCConv2D: 'Conv2D',
  PHCConv3D: 'Conv3D',
  PHCConv2DTranspose: 'Conv2DTranspose',
  PHMDense: 'Dense',
};

/**
 * Makes a model for inference in which every hypercomplex layer has become the plain layer of the same kernel: equal
 * outputs, and nothing to build at each prediction. Models inside of the model and wrapped layers are folded too.
 *
 * The weights are copies, and `model` stays as it is. Other layers that are not TF.js's own must be registered, as for
 * `tf.loadLayersModel`.
 */
export function foldModel(model: LayersModel): LayersModel {
  if (!model?.inputs?.length) throw new PhcConvError('foldModel', 'model must be built', model?.name);
  const type = model.constructor as unknown as { fromConfig(type: unknown, config: unknown): LayersModel };
  const folded = type.fromConfig(type, foldConfig(model.getConfig()));
  copyWeights(model, folded);
  return folded;
}

/** The configuration with the plain layers' in place of the hypercomplex ones'. */
function foldConfig(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(foldConfig);
  if (value === null || typeof value !== 'object') return value;
  const { className, config, ...rest } = value as Record<string, unknown>;
  const plain = typeof className === 'string' ? PLAIN[className] : undefined;
  if (plain) {
    const options = { ...(config as Record<string, unknown>) };
    for (const key of HYPERCOMPLEX_KEYS) delete options[key];
    // These spoke of the filter banks; and the kernel is about to be given.
    const kernel = { kernelInitializer: 'zeros', kernelRegularizer: null, kernelConstraint: null };
    return { ...rest, className: plain, config: { ...options, ...kernel } };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, foldConfig(item)]));
}

interface Nesting extends layers.Layer {
  /** Of a model. */
  layers?: layers.Layer[];
  /** Of a wrapper, such as TimeDistributed. */
  layer?: layers.Layer;
}

function copyWeights(from: Nesting, to: Nesting): void {
  if (from instanceof PhcLayer) {
    const weights = from.foldWeights();
    to.setWeights(weights);
    for (const weight of weights) weight.dispose();
  } else if (from.layers) {
    for (const layer of from.layers) copyWeights(layer, to.layers!.find(({ name }) => name === layer.name)!);
  } else if (from.layer) {
    copyWeights(from.layer, to.layer!);
  } else {
    to.setWeights(from.getWeights());
  }
}
