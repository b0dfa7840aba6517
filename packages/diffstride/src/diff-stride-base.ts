import { LAYER_OPTIONS } from '@stridelab/errors';
import { multiplyAddsOf, sidesOf, withChannelsLast } from '@stridelab/spectral-pooling/spectral-map';
import { engine, type serialization, type Tensor, tensor1d, tidy, type Variable } from '@tensorflow/tfjs-core';
import { initializers, layers, type Shape } from '@tensorflow/tfjs-layers';
import { DiffStrideError } from './errors.ts';
import { maskedSides } from './masked-sides.ts';
import { pool } from './pool.ts';
import {
  checkDataFormat,
  checkedRules,
  checkedStrides,
  checkImages,
  checkOptions,
  checkSides,
  type DataFormat,
  type MaskKind,
  type Rules,
} from './rules.ts';
import { StrideVariable } from './stride-variable.ts';

type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;
type LayerVariable = ReturnType<layers.Layer['addWeight']>;

export interface SharedArgs extends LayerArgs {
  /** Width of the soft edge of the mask, in frequencies. Default 4. */
  smoothnessFactor?: number;
  /** Whether what the mask removes is cut off. Default true. */
  cropping?: boolean;
  /** Strides stay at or above it, without a gradient where it bites. Default none. */
  lowerLimitStride?: number | null;
  /** Strides stay at or below it, without a gradient where it bites. Default none. */
  upperLimitStride?: number | null;
  /** Default 'channelsLast'. */
  dataFormat?: DataFormat;
}

/** Options of {@link DiffStride}, beside those of every layer. */
export interface DiffStrideArgs extends SharedArgs {
  /** Where the strides start, each >= 1. Default 2. */
  strides?: number | number[];
  /** One stride for height and width. Default false. */
  sharedStride?: boolean;
  /** Default 'published'. */
  mask?: MaskKind;
}

const OPTIONS = `strides, smoothnessFactor, cropping, lowerLimitStride, upperLimitStride, dataFormat, ${LAYER_OPTIONS}`;

/** With one side there is nothing to share, and no row. */
const OPTIONS_OF_TWO_SIDES = `sharedStride, mask, ${OPTIONS}`;

function notBuilt(layer: layers.Layer): DiffStrideError {
  return new DiffStrideError(layer.getClassName(), 'a layer has strides once it is built', layer.name);
}

/** What both layers share: a weight with a stride for each side, kept legal, and the size that follows from it. */
export abstract class DiffStrideBase extends layers.Layer {
  protected readonly rules: Rules;
  protected readonly dataFormat: DataFormat;
  protected readonly start: number[];
  private readonly sides: number;
  private held: StrideVariable | undefined;

  constructor(name: string, sides: number, args: DiffStrideArgs) {
    checkOptions(name, args, sides === 1 ? OPTIONS : OPTIONS_OF_TWO_SIDES);
    const { strides = 2, dataFormat = 'channelsLast', smoothnessFactor, cropping, sharedStride, mask } = args;
    const rules = checkedRules(name, {
      smoothness: smoothnessFactor,
      cropping,
      shared: sharedStride,
      lowerLimit: args.lowerLimitStride,
      upperLimit: args.upperLimitStride,
      mask,
    });
    const start = checkedStrides(name, strides, rules.shared ? 1 : sides);
    checkDataFormat(name, dataFormat);
    super(args); // which takes what every layer has
    this.rules = rules;
    this.start = start;
    this.sides = sides;
    this.dataFormat = dataFormat;
    this.inputSpec = [{ ndim: sides + 2 }];
  }

  override build(inputShape: Shape | Shape[]): void {
    const sides = sidesOf({ shape: inputShape as Shape }, this.dataFormat).filter((side) => side !== null);
    checkSides(this.getClassName(), sides, this.rules);
    const first = initializers.constant({ value: this.start[0]! });
    const weight = this.addWeight('strides', [this.start.length], 'float32', first);
    weight.trainable = this.trainable; // as a layer sets it that is frozen or set free later
    this.held = new StrideVariable(weight.read() as Variable, this.start.map(Math.fround));
    if (new Set(this.start).size > 1) this.setStart(weight);
    this.built = true;
  }

  /** The variable that the optimizer moves: a stride for each side, or one that both share. There once the layer is built. */
  get strides(): Variable {
    if (this.held) return this.held.variable;
    throw notBuilt(this);
  }

  /** The strides as numbers, one for each side or one that both share. From then on the layer knows them too. */
  async readStrides(): Promise<number[]> {
    return this.held ? [...(await this.held.read())] : [...this.start];
  }

  /**
   * From now on the host takes the strides for these values, and the layer reads none itself: for a trainer whose steps are
   * recorded once and replayed, and which reads the strides between them. They decide which frequencies stay; how strongly,
   * the device computes from the strides that there are. `undefined` ends that.
   */
  followStrides(values: readonly number[] | undefined): void {
    const count = this.strides.size;
    if (values && !(values.length === count && values.every(Number.isFinite))) {
      throw new DiffStrideError(this.getClassName(), `strides to follow must be ${count} numbers`, values);
    }
    this.held!.tell(values);
  }

  /** What the layer's operations depend on beside its input's shape: where this is the same, they are. */
  operationsKey(inputShape: Shape): string {
    const sides = sidesOf({ shape: inputShape }, this.dataFormat) as number[];
    const masks = maskedSides(this.getClassName(), sides, this.known(), this.rules);
    return masks.map(({ side }, i) => `${sides[i]}>${side.outputSize}:${side.bins.join()}`).join(' ');
  }

  override call(inputs: Tensor | Tensor[], kwargs: Record<string, unknown>): Tensor {
    const name = this.getClassName();
    const held = this.held;
    if (!held) throw notBuilt(this);
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    return tidy(() => {
      const sides = checkImages(name, x, this.sides + 2, this.dataFormat, this.rules);
      // A model that is frozen as a whole freezes the weights of its layers, and does not tell the layers.
      const { trainable } = held.variable;
      const learning = trainable && engine().isTapeOn();
      if (trainable && (kwargs?.training ?? learning)) held.bringBack(sides, this.rules);
      const strides = held.now();
      const tensor = learning || strides.stale ? held.variable : undefined;
      return withChannelsLast(x, this.dataFormat, (images) => pool(name, images, { ...strides, tensor }, this.rules));
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = inputShape as Shape;
    const sides = this.pooledSides(sidesOf({ shape }, this.dataFormat));
    return this.dataFormat === 'channelsLast' ? [shape[0]!, ...sides, shape.at(-1)!] : [shape[0]!, shape[1]!, ...sides];
  }

  /** Sizes move with the strides: they are known beforehand only if those are frozen or nothing is cut off. */
  private pooledSides(sides: (number | null)[]): (number | null)[] {
    if (sides.includes(null)) return sides.map(() => null);
    checkSides(this.getClassName(), sides as number[], this.rules);
    const masks = maskedSides(this.getClassName(), sides as number[], this.known(), this.rules);
    const moving = this.trainable && this.rules.cropping;
    return masks.map(({ side }) => (moving ? null : side.outputSize));
  }

  /** For one who counts what a network costs, such as `modelCost` of `@stridelab/resnet`. Shapes have the batch. */
  multiplyAdds(inputShape: number[], outputShape: number[]): number {
    const real = this.rules.mask === 'symmetric';
    return multiplyAddsOf(inputShape, outputShape, { dataFormat: this.dataFormat, real });
  }

  override getConfig(): serialization.ConfigDict {
    return {
      ...super.getConfig(),
      // Where they are frozen: on these hangs the size that the layer tells, and so the shapes of what follows it.
      strides: this.trainable ? this.start : this.known().map((stride) => Math.max(stride, 1)),
      smoothnessFactor: this.rules.smoothness,
      cropping: this.rules.cropping,
      lowerLimitStride: this.rules.lowerLimit ?? null,
      upperLimitStride: this.rules.upperLimit ?? null,
      dataFormat: this.dataFormat,
    };
  }

  /** Where the strides are, as far as the host knows. */
  private known(): readonly number[] {
    return this.held?.now().values ?? this.start;
  }

  private setStart(weight: LayerVariable): void {
    tidy(() => void weight.write(tensor1d(this.start)));
  }
}
