// What every hypercomplex layer is: three weights, a plain layer that it can be folded into, and a way to the output.
import { LAYER_OPTIONS } from '@stridelab/errors';
import { type serialization, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { InputSpec, type LayerVariable, type layers, type Shape } from '@tensorflow/tfjs-layers';
import { ALGEBRA_RULES, type AlgebraRule, algebra, checkRule } from '../algebra.ts';
import { checkN, checkOptions, checkWidths } from '../checks.ts';
import { PhcConvError } from '../errors.ts';
import { buildKernel } from '../kronecker-kernel.ts';
import { drawFilters } from './draw-filters.ts';
import {
  type Constraint,
  type Initializer,
  Layer,
  optionsOf,
  type Regularizer,
  readWeightArgs,
  type WeightArgs,
} from './plain-layer.ts';

type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;

/** The options that a hypercomplex layer has beside those of its plain layer. */
export interface HypercomplexArgs {
  /** Components of a hypercomplex number. Input and output channels must be multiples of it. */
  n: number;
  /** Name of a rule of `algebra`, 'glorotUniform' by default, or an initializer that tfjs-layers has made. */
  algebraInitializer?: AlgebraRule | WeightArgs['initializer'];
  /** Makes 'glorotUniform' and 'cliffordRandom' repeatable. */
  algebraSeed?: number;
  /** Whether training changes the algebra. Default true; false keeps a complex or quaternion layer one. */
  trainableAlgebra?: boolean;
  /** Of the algebra, as `kernelRegularizer` is of the filters. Default none. */
  algebraRegularizer?: WeightArgs['regularizer'];
  /** Of the algebra, as `kernelConstraint` is of the filters. Default none. */
  algebraConstraint?: WeightArgs['constraint'];
}

interface Weight {
  shape: number[];
  draw(): Tensor;
  trainable?: boolean;
  regularizer?: Regularizer;
  constraint?: Constraint;
}

/** In a model's configuration, what is a hypercomplex layer's alone. */
export const HYPERCOMPLEX_KEYS = [
  'n',
  'algebraInitializer',
  'algebraSeed',
  'trainableAlgebra',
  'algebraRegularizer',
  'algebraConstraint',
] as const satisfies (keyof HypercomplexArgs)[];

const OPTIONS = [
  ...HYPERCOMPLEX_KEYS,
  ...LAYER_OPTIONS.split(', '),
  ...'activation, useBias, kernelInitializer, kernelRegularizer, kernelConstraint, activityRegularizer'.split(', '),
  ...'biasInitializer, biasRegularizer, biasConstraint'.split(', '),
];

/** `others` are the names of what a layer takes beside what all do. */
export function checkLayerOptions(name: string, options: unknown, ...others: string[]): void {
  checkOptions(name, options, ...others, ...OPTIONS);
}

/** Base of the hypercomplex layers. `kernelInitializer` speaks of the kernel that is built, and keeps its variance. */
export abstract class PhcLayer extends Layer {
  readonly n: number;
  protected readonly plain: layers.Layer;
  private readonly own: HypercomplexArgs;
  private readonly algebraOptions: ReturnType<typeof readWeightArgs>;
  private readonly weightsDrawn: { variable: LayerVariable; draw(): Tensor }[] = [];
  private algebra?: LayerVariable;
  private filterBanks?: LayerVariable;
  private bias?: LayerVariable;

  /** `plain` makes the plain layer, given the name of this one. */
  constructor(args: HypercomplexArgs & LayerArgs, plain: (name: string) => layers.Layer) {
    super(args);
    const { n, algebraInitializer = 'glorotUniform', algebraSeed, trainableAlgebra = true } = args;
    checkN(this.getClassName(), n);
    if (typeof algebraInitializer === 'string') checkRule(this.getClassName(), algebraInitializer, n);
    this.n = n;
    this.own = { n, algebraInitializer, algebraSeed, trainableAlgebra };
    this.plain = plain(this.name);
    this.algebraOptions = readWeightArgs({
      initializer: isRule(algebraInitializer) ? undefined : algebraInitializer,
      regularizer: args.algebraRegularizer,
      constraint: args.algebraConstraint,
    });
  }

  /** Sides of the plain layer's kernel for these input channels: (...spatial, in, out), or out before in. */
  protected abstract kernelShape(channels: number): number[];
  /** Axis of the input's channels, the last being -1, and the input's rank where the layer asks for one. */
  protected abstract get inputLayout(): { axis: number; rank?: number };
  protected abstract get outputChannels(): number;
  protected abstract forward(x: Tensor, algebra: Tensor, filters: Tensor, bias: Tensor | undefined): Tensor;
  protected readonly transposed: boolean = false;

  override build(inputShape: Shape | Shape[]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    const { n } = this;
    const { axis, rank = shape.length } = this.inputLayout;
    if (shape.length !== rank) throw new PhcConvError(this.getClassName(), `x must have rank ${rank}`, shape);
    const channels = shape.at(axis);
    if (channels == null) throw new PhcConvError(this.getClassName(), 'input channels must be known', shape);
    checkWidths(this.getClassName(), n, { in: channels });

    const options = optionsOf(this.plain);
    const kernelShape = this.kernelShape(channels);
    const [first, second] = kernelShape.slice(-2) as [number, number];
    const filterShape = [n, ...kernelShape.slice(0, -2), first / n, second / n];
    this.algebra = this.makeWeight('algebra', {
      shape: [n, n, n],
      draw: () => this.drawAlgebra(),
      trainable: this.own.trainableAlgebra,
      ...this.algebraOptions,
    });
    this.filterBanks = this.makeWeight('filters', {
      shape: filterShape,
      draw: () => drawFilters(filterShape, kernelShape, options.kernelInitializer, this.algebra!.read()),
      regularizer: options.kernelRegularizer,
      constraint: options.kernelConstraint,
    });
    if (options.useBias) {
      this.bias = this.makeWeight('bias', {
        shape: [this.outputChannels],
        draw: () => options.biasInitializer.apply([this.outputChannels]),
        regularizer: options.biasRegularizer,
        constraint: options.biasConstraint,
      });
    }
    this.inputSpec = [new InputSpec({ ndim: this.inputLayout.rank, minNDim: 2, axes: { [axis]: channels } })];
    this.built = true;
  }

  private makeWeight(name: string, { shape, draw, trainable, regularizer, constraint }: Weight): LayerVariable {
    const initializer = { apply: draw } as unknown as Initializer;
    const variable = this.addWeight(
      name,
      shape,
      null as never,
      initializer,
      regularizer,
      trainable ?? true,
      constraint,
    );
    this.weightsDrawn.push({ variable, draw });
    return variable;
  }

  private drawAlgebra(): Tensor {
    const { n, own } = this;
    return isRule(own.algebraInitializer)
      ? algebra(own.algebraInitializer, n, { seed: own.algebraSeed })
      : this.algebraOptions.initializer.apply([n, n, n]);
  }

  /** Draws every weight anew, as when the layer was built. */
  resetParameters(): void {
    for (const { variable, draw } of this.weightsDrawn) {
      const value = draw();
      variable.write(value);
      value.dispose();
    }
  }

  override call(inputs: Tensor | Tensor[], kwargs: Parameters<layers.Layer['call']>[1]): Tensor {
    return tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      const y = this.forward(x, this.algebra!.read(), this.filterBanks!.read(), this.bias?.read());
      return optionsOf(this.plain).activation?.apply(y) ?? y;
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return this.plain.computeOutputShape(inputShape);
  }

  /**
   * The kernel that this layer convolves (or multiplies) by, in the layout of its plain layer: what there is to compute
   * once when training is over. The caller disposes of it.
   */
  foldKernel(): Tensor {
    if (!this.built) throw new PhcConvError(this.getClassName(), 'foldKernel wants a built layer', this.name);
    return buildKernel(this.algebra!.read(), this.filterBanks!.read(), { transposed: this.transposed });
  }

  /** Weights for the plain layer: kernel, and bias where there is one. The caller disposes of them. */
  foldWeights(): Tensor[] {
    return [this.foldKernel(), ...(this.bias ? [this.bias.read().clone()] : [])];
  }

  override getConfig(): serialization.ConfigDict {
    const { initializer, regularizer, constraint } = this.algebraOptions.config;
    const { algebraInitializer, algebraSeed, ...own } = this.own;
    return {
      ...this.plain.getConfig(),
      ...super.getConfig(),
      ...(own as { n: number; trainableAlgebra: boolean }),
      algebraInitializer: isRule(algebraInitializer) ? algebraInitializer : initializer,
      algebraSeed: algebraSeed ?? null,
      algebraRegularizer: regularizer,
      algebraConstraint: constraint,
    } as serialization.ConfigDict;
  }
}

function isRule(initializer: HypercomplexArgs['algebraInitializer']): initializer is AlgebraRule {
  return (ALGEBRA_RULES as readonly unknown[]).includes(initializer);
}
