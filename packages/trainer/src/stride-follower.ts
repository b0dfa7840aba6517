// Strides that are learned, where the steps are recorded and replayed: nobody but the trainer can read them then.
import type { Variable } from '@tensorflow/tfjs-core';
import type { LayersModel, layers, Shape } from '@tensorflow/tfjs-layers';
import { downsamplingLayers, inputShapes, type LearnedStrideLayer, learns } from './strides.ts';

/** A layer that goes by the strides that it is told, such as DiffStride. */
interface FollowingLayer extends LearnedStrideLayer {
  readonly strides: Variable;
  followStrides(values: readonly number[] | undefined): void;
  operationsKey(inputShape: Shape): string;
}

/**
 * Tells layers their strides before each step: those from before the step before, since the newest are not read yet. They
 * are read while the next step runs, and a replayed step and one that runs as it is go by the same ones.
 */
export class StrideFollower {
  /** What each layer was told last. */
  values: number[][] = [];
  private readonly model: LayersModel;
  private readonly layers: FollowingLayer[];
  private shapes = new Map<layers.Layer, number[]>();
  private keys = '';
  private reading: Promise<number[][]> | undefined;

  constructor(model: LayersModel) {
    this.model = model;
    this.layers = downsamplingLayers(model).filter((layer): layer is FollowingLayer => learns(layer));
  }

  /** The name of a layer that learns strides and cannot be told them, if there is one. */
  get stranger(): string | undefined {
    return this.layers.find((layer) => !layer.followStrides || !layer.operationsKey)?.name;
  }

  /** Begins with the strides as they are, or with those of a training that goes on. */
  async begin(values: number[][] | undefined): Promise<void> {
    this.reading = this.read();
    this.tell(values ?? (await this.reading));
  }

  /** After a step: reads what it made of the strides, and tells what the step before it did. */
  async advance(): Promise<void> {
    const before = this.reading;
    this.reading = this.read();
    if (before) this.tell(await before);
  }

  /** Waits for what is being read. */
  async settle(): Promise<void> {
    await this.reading;
  }

  private read(): Promise<number[][]> {
    const reading = Promise.all(this.layers.map(async ({ strides }) => Array.from(await strides.data())));
    reading.catch(() => {}); // whoever awaits it hears of it
    return reading;
  }

  private tell(values: number[][]): void {
    this.values = values;
    for (const [i, layer] of this.layers.entries()) layer.followStrides(values[i]);
  }

  /** What the operations of a step on images of a shape depend on: where it is the same, so are they. */
  key(example: number[]): string {
    if (!this.layers.length) return '';
    let keys = this.keysNow(example);
    if (keys !== this.keys) {
      // The map that one layer gives is what the next one takes.
      this.shapes = inputShapes(this.model, this.layers, example);
      keys = this.keysNow(example);
      this.keys = keys;
    }
    return keys;
  }

  private keysNow(example: number[]): string {
    const ofLayers = this.layers.map((layer) => {
      const shape = this.shapes.get(layer);
      return shape ? layer.operationsKey(shape) : '';
    });
    return [example.join(), ...ofLayers].join(' | ');
  }

  /** Lets the layers read their strides themselves again. */
  end(): void {
    for (const layer of this.layers) layer.followStrides(undefined);
  }
}
