import { describeValue, LAYER_OPTIONS } from '@stridelab/errors';
import { type serialization, type Tensor, type Tensor1D, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, layers, type Shape } from '@tensorflow/tfjs-layers';
import { checkNumber, checkOptions } from './checks.ts';
import { checkSeed, dropout, nextDraw, SEEDS } from './dropout.ts';
import { TrainOpsError } from './errors.ts';

type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;

/** Options of {@link Dropout}: those of `tf.layers.dropout`. */
export interface DropoutArgs extends LayerArgs {
  /** Share of the values that become 0 in training, in [0, 1). */
  rate: number;
  /** Shape of what is drawn: 1 along axes on which all share their fate, null for the length that there is. Default all null. */
  noiseShape?: readonly (number | null)[] | null;
  /** Where its draws start, a whole number in [0, 2^24); another one for each layer. Default one at random. */
  seed?: number | null;
}

const OPTIONS = `rate, noiseShape, seed, ${LAYER_OPTIONS}`;

/**
 * Dropout in training: any shape to the same.
 *
 * What it draws follows from a weight `draw` (2), a seed and the number of times that it has drawn. So a training that is resumed from
 * saved weights draws what it would have drawn, and a step that is recorded once and replayed draws anew each time.
 *
 * @see https://jmlr.org/papers/v15/srivastava14a.html
 */
export class Dropout extends layers.Layer {
  /** @nocollapse */
  static className = 'StridelabDropout'; // TF.js has a Dropout
  private readonly args: Pick<DropoutArgs, 'rate' | 'noiseShape' | 'seed'>;
  private draw: LayerVariable | undefined;

  constructor(args: DropoutArgs) {
    checkOptions('Dropout', args, OPTIONS);
    const { rate, noiseShape = null, seed = null } = args;
    checkNumber('Dropout', 'rate', rate, { most: 1 });
    if (noiseShape !== null && !(Array.isArray(noiseShape) && noiseShape.every(isLength))) {
      throw new TrainOpsError('Dropout', 'noiseShape must list lengths >= 1 and null', noiseShape);
    }
    if (seed !== null) checkSeed('Dropout', 'seed', seed);
    super(args);
    this.args = { rate, noiseShape, seed };
    this.supportsMasking = true;
  }

  override build(inputShape: Shape | Shape[]): void {
    const { noiseShape } = this.args;
    if (noiseShape && noiseShape.length !== inputShape.length) {
      const rule = `noiseShape must have an entry for each axis of ${describeValue(inputShape)}`;
      throw new TrainOpsError('Dropout', rule, noiseShape);
    }
    const draw = this.addWeight('draw', [2], 'float32', initializers.zeros(), undefined, false);
    tidy(() => void draw.write(tensor1d([this.args.seed ?? Math.floor(Math.random() * SEEDS), 0])));
    this.draw = draw;
    this.built = true;
  }

  override call(inputs: Tensor | Tensor[], kwargs: Parameters<layers.Layer['call']>[1]): Tensor {
    return tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      const { rate, noiseShape } = this.args;
      if (!kwargs?.training || rate === 0) return x;
      const draw = this.draw!.read() as Tensor1D;
      const shape = noiseShape?.map((length, axis) => length ?? x.shape[axis] ?? Number.NaN);
      const y = dropout(x, draw, { rate, ...(shape && { noiseShape: shape }) });
      this.draw!.write(nextDraw(draw));
      return y;
    });
  }

  override getConfig(): serialization.ConfigDict {
    const { rate, noiseShape, seed } = this.args;
    return { ...super.getConfig(), rate, noiseShape: noiseShape ? [...noiseShape] : null, seed: seed ?? null };
  }
}

const isLength = (length: unknown) => length === null || (Number.isInteger(length) && (length as number) >= 1);
