// An optimizer of TF.js that updates all parameters at once, and owns what it remembers of them.
import {
  concat,
  engine,
  fill,
  keep,
  type NamedTensorMap,
  type Tensor,
  type Tensor1D,
  Optimizer as TfjsOptimizer,
  tensor1d,
  tidy,
  type Variable,
  zeros,
} from '@tensorflow/tfjs-core';
import { checkNumber } from './checks.ts';
import { TrainOpsError } from './errors.ts';
import { totalSize } from './flat.ts';
import { checkDecay, type UpdateOptions } from './update.ts';

/** `tf.Optimizer`, named so that a bundler may leave out the optimizers of a program that imports functions alone. */
const Optimizer = /* @__PURE__ */ (() => TfjsOptimizer)();

type NamedTensor = Awaited<ReturnType<TfjsOptimizer['getWeights']>>[number];

export interface FusedOptimizerOptions {
  /** May be changed between steps. */
  learningRate: number;
  /** Default 0. */
  weightDecay?: number;
  /** See {@link UpdateOptions.decay}. Default 'l2'. */
  decay?: 'l2' | 'decoupled';
  /** Which parameters decay. Default all. */
  decays?: (parameter: Variable) => boolean;
}

/** Everything that an optimizer remembers, for a checkpoint. */
export interface OptimizerState {
  /** Steps taken. */
  step: number;
  /** How many numbers each parameter has; slots hold them in this order. */
  sizes: number[];
  slots: Record<string, Float32Array>;
}

/** Base of the optimizers here. They fit wherever TF.js takes one, such as `model.compile`. */
export abstract class FusedOptimizer extends Optimizer {
  learningRate: number;
  readonly weightDecay: number;
  readonly decay: 'l2' | 'decoupled';
  private readonly decaysParameter: ((parameter: Variable) => boolean) | undefined;
  private parameters: Variable[] | undefined;
  private sizes: number[] | undefined;
  private decayFactors: Tensor1D | undefined;
  private slots: Tensor1D[] = [];

  constructor({ learningRate, weightDecay = 0, decay = 'l2', decays }: FusedOptimizerOptions) {
    super();
    this.learningRate = learningRate;
    this.weightDecay = weightDecay;
    this.decay = decay;
    this.decaysParameter = decays;
    this.iterations_ = 0;
    checkNumber(this.getClassName(), 'learningRate', learningRate);
    checkNumber(this.getClassName(), 'weightDecay', weightDecay);
    checkDecay(this.getClassName(), decay);
  }

  /** Names of what is remembered for every number of every parameter. */
  protected abstract readonly slotNames: readonly string[];
  /** New weights and new slots. `step` counts from 1. */
  protected abstract update(
    options: UpdateOptions,
    slots: readonly Tensor1D[],
    step: number,
  ): { weights: Tensor[]; slots: Tensor1D[] };

  /** Moves the parameters of these names. The first step settles which ones they are. */
  override applyGradients(gradients: NamedTensorMap | NamedTensor[]): void {
    const byName = Array.isArray(gradients)
      ? Object.fromEntries(gradients.map(({ name, tensor }) => [name, tensor]))
      : gradients;
    const parameters = this.settle(Object.keys(byName).filter((name) => byName[name]));
    tidy(() => {
      const { learningRate, weightDecay, decay, decayFactors: decays } = this;
      const options = {
        weights: parameters,
        gradients: parameters.map(({ name }) => byName[name]!),
        ...{ learningRate, weightDecay, decay, decays },
      };
      const next = this.update(options, this.slots, this.iterations_ + 1);
      for (const [i, parameter] of parameters.entries()) parameter.assign(next.weights[i]!);
      this.replaceSlots(next.slots);
    });
    this.incrementIterations();
  }

  private settle(names: string[]): Variable[] {
    const known = this.parameters;
    if (known) {
      if (known.length !== names.length || !names.every((name) => known.some((parameter) => parameter.name === name))) {
        const rule = `the parameters must be the ${known.length} of the first step`;
        throw new TrainOpsError(this.getClassName(), rule, names);
      }
      return known;
    }
    if (!names.length) throw new TrainOpsError(this.getClassName(), 'there must be a parameter with a gradient', names);
    const parameters = names.map((name) => engine().registeredVariables[name]!);
    const unknown = names.filter((_, i) => !parameters[i]);
    if (unknown.length) throw new TrainOpsError(this.getClassName(), 'every gradient must name a variable', unknown);
    const sizes = parameters.map(({ size }) => size);
    if (this.sizes && this.sizes.join() !== sizes.join()) {
      throw new TrainOpsError(this.getClassName(), `the parameters must have sizes [${this.sizes.join(', ')}]`, sizes);
    }
    const { decaysParameter, weightDecay } = this;
    if (decaysParameter && weightDecay) {
      const factors = parameters.map((parameter) => (decaysParameter(parameter) ? 1 : 0));
      this.decayFactors = tidy(() => keep(concat(factors.map((factor, i) => fill([sizes[i]!], factor) as Tensor1D))));
    }
    if (!this.slots.length) this.slots = this.slotNames.map(() => keep(zeros([totalSize(parameters)])));
    this.sizes = sizes;
    this.parameters = parameters;
    return parameters;
  }

  private replaceSlots(slots: Tensor1D[]): void {
    for (const slot of this.slots) slot.dispose();
    this.slots = slots.map((slot) => keep(slot));
  }

  /** What a checkpoint has to hold beside the weights. */
  async exportState(): Promise<OptimizerState> {
    const values = await Promise.all(this.slots.map(async (slot) => Float32Array.from(await slot.data())));
    const slots = Object.fromEntries(values.map((numbers, i) => [this.slotNames[i]!, numbers]));
    return { step: this.iterations_, sizes: [...(this.sizes ?? [])], slots };
  }

  /** Goes on from an exported state. Its parameters must have the same sizes in the same order. */
  importState({ step, sizes, slots }: OptimizerState): void {
    const name = this.getClassName();
    if (!Number.isInteger(step) || step < 0) throw new TrainOpsError(name, 'step must be an integer >= 0', step);
    if (this.sizes && sizes.length && this.sizes.join() !== sizes.join()) {
      throw new TrainOpsError(name, `the parameters must have sizes [${this.sizes.join(', ')}]`, sizes);
    }
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const wanted = sizes.length ? this.slotNames : [];
    for (const slot of wanted) {
      if (slots[slot]?.length !== total) {
        throw new TrainOpsError(name, `slot ${slot} must hold ${total} numbers`, slots[slot]?.length);
      }
    }
    this.iterations_ = step;
    if (sizes.length) {
      this.sizes = [...sizes];
      this.replaceSlots(wanted.map((slot) => tensor1d(slots[slot]!, 'float32')));
    } else this.forget();
  }

  private forget(): void {
    this.replaceSlots([]);
    this.decayFactors?.dispose();
    this.decayFactors = this.sizes = this.parameters = undefined;
  }

  /** For `model.save({includeOptimizer: true})`. The tensors of slots stay this optimizer's own. */
  override async getWeights(): Promise<NamedTensor[]> {
    const slots = this.slots.map((tensor, i) => ({ name: `${this.getClassName()}/${this.slotNames[i]}`, tensor }));
    return [await this.saveIterations(), ...slots];
  }

  override async setWeights(weightValues: NamedTensor[]): Promise<void> {
    const slots = await this.extractIterations(weightValues);
    this.replaceSlots(slots.map(({ tensor }) => tensor.clone() as Tensor1D));
  }

  /** Frees what is remembered. */
  override dispose(): void {
    this.forget();
  }
}
