import { areOptions } from '@stridelab/errors';
import { type Tensor, tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import type { LayersModel, layers } from '@tensorflow/tfjs-layers';
import { checkModel } from './check-model.ts';
import { ResnetError } from './errors.ts';
import { isFloat, readSafetensors, type Stored, valuesOf } from './safetensors.ts';
import { HEAD, PARTS, torchName } from './torch-names.ts';

export interface PretrainedOptions {
  /** Whether the head is loaded too. Default true; false for another number of classes. */
  head?: boolean;
}

const OPERATION = 'loadPretrained';

function check(right: boolean, rule: string, got: unknown): asserts right {
  if (!right) throw new ResnetError(OPERATION, rule, got);
}

/**
 * Gives a network the weights that PyTorch trained: those of torchvision's and timm's `resnet18` ... `resnet152`, and of others
 * that do the same in layers of the same names, as a safetensors file of float64, float32, float16 or bfloat16.
 *
 * `model` is of `resnet()`, post-activation, with `padding: 'symmetric'`. It must have a place for every tensor of the file
 * and find one for every weight of its own but those of `downsample`; else it stays as it is, and an error says what is amiss.
 */
export function loadPretrained(
  model: LayersModel,
  file: ArrayBufferLike | ArrayBufferView,
  options: PretrainedOptions = {},
): void {
  checkModel(OPERATION, model);
  check(areOptions(options, ['head']), 'options must be some of {head}', options);
  const { head = true } = options;
  check(typeof head === 'boolean', 'head must be true or false', head);
  const places = placesOf(model, head);
  const stored = readFile(file);
  const used = new Set(places.flatMap(({ layer, torch }) => checkLayer(layer, torch, stored)));
  if (!head) for (const { name } of PARTS.Dense!) used.add(`${HEAD}.${name}`);
  const left = [...stored.keys()].filter((name) => !used.has(name));
  check(left.length === 0, 'the model must have a place for every tensor of the file', left);
  for (const { layer, torch } of places) tidy(() => layer.setWeights(weightsOf(layer, torch, stored)));
}

/** The tensors of a file, but for counts of batches, which PyTorch keeps beside its statistics. */
function readFile(file: unknown): Map<string, Stored> {
  const bytes = bytesOf(file);
  check(bytes !== undefined, 'file must be the bytes of a safetensors file', file);
  const stored = readSafetensors(bytes);
  const start = [...bytes.subarray(0, 4)].map((byte) => String.fromCharCode(byte)).join('');
  const got = `${bytes.length} bytes that begin with ${JSON.stringify(start)}`;
  check(stored !== undefined, 'file must be a safetensors file, and whole', got);
  return new Map([...stored].filter(([name]) => !name.endsWith('.num_batches_tracked')));
}

function bytesOf(file: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(file)) return new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  // By its name: frames and test environments have classes of their own.
  const isBuffer = /ArrayBuffer\]$/.test(Object.prototype.toString.call(file));
  return isBuffer ? new Uint8Array(file as ArrayBufferLike) : undefined;
}

/** The layers that `downsample` made, which have no counterpart. */
const isPool = ({ name }: layers.Layer) => /^(stem|stage\d+)_pool$/.test(name);

/** Layers of the model that have weights to be loaded, and PyTorch's names for them. */
function placesOf(model: LayersModel, head: boolean): { layer: layers.Layer; torch: string }[] {
  const last = model.outputs[0]!.sourceLayer;
  const own = model.layers.filter((layer) => !isPool(layer) && (head || layer !== last));
  // The weights would fit, and their network be another one.
  const shifted = own.find(padsAtTheEnd);
  check(shifted === undefined, "model must be made with padding: 'symmetric'", shifted?.name);
  const weighty = own.filter(({ weights }) => weights.length);
  return weighty.map((layer) => {
    const { name, weights } = layer;
    const torch = torchName(name);
    check(torch !== undefined, "layers must be those of resnet() with variant 'postact', by their names", name);
    const kind = layer.getClassName();
    const known = PARTS[kind]?.length === weights.length;
    const rule = 'layers must be Conv2D without bias, BatchNorm and Dense; a model is folded after loading';
    check(known, rule, `${name}, a ${kind} of ${weights.length} weights`);
    return { layer, torch };
  });
}

/** Whether its zeros are where TensorFlow has them. */
function padsAtTheEnd(layer: layers.Layer): boolean {
  const { kernelSize, poolSize = kernelSize, strides, padding } = layer.getConfig() as Record<string, unknown>;
  const aboveOne = (sides: unknown) => [sides].flat().some((side) => (side as number) > 1);
  const isTorchs = torchName(layer.name) !== undefined || layer.name === 'stem_max_pool';
  return isTorchs && padding === 'same' && aboveOne(poolSize) && aboveOne(strides);
}

/** Names of the file's tensors that go into a layer, which they fit. */
function checkLayer(layer: layers.Layer, torch: string, stored: Map<string, Stored>): string[] {
  const place = torch === HEAD ? `${layer.name} (with head: false it stays as it is)` : layer.name;
  return PARTS[layer.getClassName()]!.map(({ name, axes }, i) => {
    const full = `${torch}.${name}`;
    const source = stored.get(full);
    check(source !== undefined, `the file must have ${full}, for ${place}`, [...stored.keys()]);
    check(isFloat(source), `${full} must be of F64, F32, F16 or BF16`, source.dtype);
    const shape = layer.weights[i]!.shape as number[];
    const expected = axes ? axes.map((_, axis) => shape[axes.indexOf(axis)]!) : shape;
    const fits = expected.join() === source.shape.join();
    check(fits, `${full} must be of shape [${expected.join(', ')}], for ${place}`, source.shape);
    return full;
  });
}

function weightsOf(layer: layers.Layer, torch: string, stored: Map<string, Stored>): Tensor[] {
  return PARTS[layer.getClassName()]!.map(({ name, axes }) => {
    const source = stored.get(`${torch}.${name}`)!;
    const values = tensor(valuesOf(source), source.shape, 'float32');
    return axes ? transpose(values, axes) : values;
  });
}
