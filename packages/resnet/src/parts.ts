// Layers under the names and with the options that belong to a place in the network.
import { BatchNorm } from '@stridelab/train-ops';
import { initializers, layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { commutes } from './commutes.ts';
import { ResnetError } from './errors.ts';
import { denseHead } from './head.ts';
import { type ConvOptions, NAME, type Pair, type ResnetOptions, type Site, WHOLE_STRIDES } from './options.ts';
import { PaddedShortcut } from './padded-shortcut.ts';

type Role = Site['role'];

export interface ConvPlace {
  name: string;
  role: Role;
  stage: number;
  filters: number;
  kernelSize: number;
  /** Default 1. */
  strides?: Pair;
  /** Of the stage, applied after the convolution, or before it where that is the same function. */
  pool?: layers.Layer;
  /** Whether the kernel starts as zero. */
  zero?: boolean;
}

/** Makes layers, and applies them at once. */
export class Parts {
  /** Everything made so far. */
  readonly made: layers.Layer[] = [];
  private seeds = 0;

  constructor(private readonly options: ResnetOptions) {}

  private site(role: Role, stage: number): Site {
    const { seed } = this.options;
    return { role, stage, seed: seed === undefined ? undefined : seed * 1000 + ++this.seeds };
  }

  private keep<Made extends layers.Layer>(layer: Made): Made {
    if (!(layer instanceof layers.Layer)) throw new ResnetError(NAME, 'conv and downsample must make layers', layer);
    if (!this.made.includes(layer)) this.made.push(layer);
    return layer;
  }

  apply(layer: layers.Layer, x: SymbolicTensor | SymbolicTensor[]): SymbolicTensor {
    return this.keep(layer).apply(x) as SymbolicTensor;
  }

  conv(x: SymbolicTensor, place: ConvPlace): SymbolicTensor {
    const { name, role, stage, filters, kernelSize, strides = [1, 1], pool, zero } = place;
    // A factory may have left a stage to its convolutions.
    if (!strides.every(Number.isInteger)) throw new ResnetError(NAME, WHOLE_STRIDES, strides);
    const site = this.site(role, stage);
    const { seed } = site;
    const kernelInitializer = zero ? 'zeros' : seed === undefined ? 'heNormal' : initializers.heNormal({ seed });
    const { x: padded, padding } = this.pad(x, name, kernelSize, strides);
    const options = { name, filters, kernelSize, strides, padding, useBias: false, kernelInitializer } as const;
    const make = this.options.conv ?? ((plain: ConvOptions) => layers.conv2d(plain));
    const conv = this.keep(make(options as ConvOptions, site));
    if (!pool) return this.apply(conv, padded);
    // Fewer pixels are cheaper to convolve.
    return commutes(conv, pool)
      ? this.apply(conv, this.apply(pool, padded))
      : this.apply(pool, this.apply(conv, padded));
  }

  /** The max pool of a stem. Where zeros surround it, a ReLU came before, so that none is above a value. */
  maxPool(x: SymbolicTensor): SymbolicTensor {
    const name = 'stem_max_pool';
    const { x: padded, padding } = this.pad(x, name, 3, [2, 2]);
    return this.apply(layers.maxPooling2d({ name, poolSize: 3, strides: 2, padding }), padded);
  }

  /** What a window of this size goes over, and with which padding: by itself it knows TensorFlow's alone. */
  private pad(x: SymbolicTensor, name: string, size: number, strides: Pair) {
    const own = this.options.padding !== 'symmetric' || size === 1 || strides.every((side) => side === 1);
    if (own) return { x, padding: 'same' } as const;
    const zeros = layers.zeroPadding2d({ name: `${name}_padding`, padding: (size - 1) / 2 });
    return { x: this.apply(zeros, x), padding: 'valid' } as const;
  }

  norm(x: SymbolicTensor, name: string, { relu = true, zero = false } = {}): SymbolicTensor {
    const { momentum = 0.9, epsilon = 1e-5 } = this.options.norm ?? {};
    const gammaInitializer = zero ? 'zeros' : 'ones';
    const activation = relu ? 'relu' : null;
    return this.apply(new BatchNorm({ name, momentum, epsilon, gammaInitializer, activation }), x);
  }

  add(branch: SymbolicTensor, shortcut: SymbolicTensor, name: string): SymbolicTensor {
    return this.apply(layers.add({ name }), [branch, shortcut]);
  }

  relu(x: SymbolicTensor, name: string): SymbolicTensor {
    return this.apply(layers.activation({ name, activation: 'relu' }), x);
  }

  /** The one downsampling layer of a stage. */
  pool(stage: number, strides: Pair): layers.Layer | undefined {
    const name = stage === 0 ? 'stem_pool' : `stage${stage}_pool`;
    const layer = this.options.downsample?.({ name, strides }, this.site(stage === 0 ? 'stem' : 'block', stage));
    return layer && this.keep(layer);
  }

  paddedShortcut(x: SymbolicTensor, name: string, filters: number, { strides = [1, 1], pool }: Downsampling) {
    const pooled = pool ? this.apply(pool, x) : x;
    return this.apply(new PaddedShortcut({ name, filters, strides: pool ? 1 : strides }), pooled);
  }

  head(x: SymbolicTensor): SymbolicTensor {
    const { classes, outputs } = this.options;
    const features = this.apply(layers.globalAveragePooling2d({ name: 'features' }), x);
    const { seed } = this.site('block', -1);
    return this.apply(denseHead('head', { classes, outputs, seed }), features);
  }
}

/** How a block makes its maps smaller: by the stage's layer, or else by striding. */
export interface Downsampling {
  strides?: Pair;
  pool?: layers.Layer;
}
