// What downsamples in a model, by how much at this moment, and the maps that follow.
import { type Tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import type { LayersModel, layers } from '@tensorflow/tfjs-layers';
import type { StrideReading } from './events.ts';
import { checkModel, layersOf } from './network.ts';

/** A layer with strides that are learned, such as DiffStride. */
export interface LearnedStrideLayer extends layers.Layer {
  readStrides(): Promise<number[]>;
}

/** One entry for each layer that downsamples. Without `example`, the shape of an image, there are no map sizes. */
export async function readStrides(model: LayersModel, example?: readonly (number | null)[]): Promise<StrideReading[]> {
  checkModel('readStrides', model);
  const found = downsamplingLayers(model);
  const sizes = example?.every((side) => side !== null) ? mapSizes(model, found, example as number[]) : undefined;
  return await Promise.all(
    found.map(async (layer) => ({
      layer: layer.name,
      strides: learns(layer) ? await layer.readStrides() : fixedStrides(layer)!,
      learned: learns(layer) && layer.trainable,
      from: sizes?.get(layer)?.from ?? [],
      to: sizes?.get(layer)?.to ?? [],
    })),
  );
}

export function downsamplingLayers(model: LayersModel): layers.Layer[] {
  const all = [...new Set(layersOf(model))];
  return all.filter((layer) => learns(layer) || fixedStrides(layer)?.some((stride) => stride > 1));
}

export function learns(layer: layers.Layer): layer is LearnedStrideLayer {
  return typeof (layer as Partial<LearnedStrideLayer>).readStrides === 'function';
}

function fixedStrides(layer: layers.Layer): number[] | undefined {
  const { strides } = layer as { strides?: unknown };
  const list = typeof strides === 'number' ? [strides] : strides;
  return Array.isArray(list) && list.every((stride) => typeof stride === 'number') ? list : undefined;
}

/** Sends one empty image through the model and notes what reaches the layers. A layer used twice counts the first time. */
function mapSizes(model: LayersModel, watched: layers.Layer[], example: number[]) {
  const sizes = new Map<layers.Layer, { from: number[]; to: number[]; input: number[] }>();
  for (const layer of watched) {
    const call = layer.call;
    layer.call = function (this: layers.Layer, inputs, kwargs) {
      const output = call.call(this, inputs, kwargs);
      const [x, y] = [inputs, output].map((tensors) => (Array.isArray(tensors) ? tensors[0]! : tensors) as Tensor);
      if (!sizes.has(layer)) sizes.set(layer, { from: sides(layer, x!), to: sides(layer, y!), input: x!.shape });
      return output;
    };
  }
  try {
    tidy(() => void model.apply(zeros([1, ...example])));
  } finally {
    for (const layer of watched) delete (layer as Partial<layers.Layer>).call;
  }
  return sizes;
}

/** A layer's input when one empty image passes the model. */
export function inputShapes(
  model: LayersModel,
  watched: layers.Layer[],
  example: number[],
): Map<layers.Layer, number[]> {
  return new Map([...mapSizes(model, watched, example)].map(([layer, { input }]) => [layer, input]));
}

function sides(layer: layers.Layer, { shape }: Tensor): number[] {
  return channelsFirst(layer) ? shape.slice(2) : shape.slice(1, -1);
}

export function channelsFirst(layer: layers.Layer): boolean {
  return (layer as { dataFormat?: unknown }).dataFormat === 'channelsFirst';
}
