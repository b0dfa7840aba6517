// An optimizer of TF.js that updates all parameters at once, and owns what it remembers of them.
import {
  clone,
  dispose,
  engine,
  keep,
  type NamedTensorMap,
  type Scalar,
  type serialization,
  Tensor,
  Optimizer as TfjsOptimizer,
  type Variable,
} from '@tensorflow/tfjs-core';
import { type Bucket, bucketsOf, zeroSlots } from './buckets.ts';
import { checkNumber, checkOptions, checkRate } from './checks.ts';
import { TrainOpsError } from './errors.ts';
import { checkState, type OptimizerState, readSlots, writeSlots } from './optimizer-state.ts';
import type { UpdateOptions } from './update.ts';
import { checkDecay } from './update-checks.ts';

/** `tf.Optimizer`, named so that a bundler may leave out the optimizers of a program that imports functions alone. */
const Optimizer = /* @__PURE__ */ (() => TfjsOptimizer)();

/** A type and not an interface, so that `dispose` takes it. */
type NamedTensor = {
  name: string;
  tensor: Tensor;
};

export interface FusedOptimizerOptions {
  /** May be changed between steps. As a tensor, which stays the caller's, where steps are recorded once and replayed. */
  learningRate: number | Scalar;
  /** Default 0. */
  weightDecay?: number;
  /** See {@link UpdateOptions.decay}. Default 'l2'. */
  decay?: 'l2' | 'decoupled';
  /** Which parameters decay, or a factor of the decay for each, as a saved optimizer has them. Default all. */
  decays?: ((parameter: Variable) => boolean) | number[];
}

/** The parameters that the first step has settled, and what is remembered of them. */
interface Settled {
  parameters: Variable[];
  sizes: number[];
  decays: number[] | undefined;
  buckets: Bucket[];
  /** One list for each of the names of slots. */
  slots: Variable[][];
}

/** Base of the optimizers here. They fit wherever TF.js takes one, such as `model.compile`. */
export abstract class FusedOptimizer extends Optimizer {
  learningRate: number | Scalar;
  /**
   * Which step is at hand, from 1, as a tensor that stays the caller's: for steps that are recorded once and replayed, which
   * this optimizer does not see; whoever replays them keeps `iterations` up to date. Default none: its own count decides.
   */
  step: Scalar | undefined;
  readonly weightDecay: number;
  readonly decay: 'l2' | 'decoupled';
  private readonly decays: FusedOptimizerOptions['decays'];
  private settled: Settled | undefined;
  /** What importState or setWeights was given before the first step, whichever came last. */
  private given: OptimizerState | NamedTensor[] | undefined;

  /** `others` are the names of options that the optimizer reads itself; without them, options are not looked at for other names. */
  constructor(options: FusedOptimizerOptions, others?: string) {
    super();
    const className = this.getClassName();
    // tfjs-layers adds customObjects where it loads a model with its optimizer.
    const names = `learningRate, weightDecay, decay, decays, ${others}, customObjects`;
    if (others !== undefined) checkOptions(className, options, names);
    const { learningRate, weightDecay = 0, decay = 'l2', decays } = options;
    this.learningRate = learningRate;
    this.weightDecay = weightDecay;
    this.decay = decay;
    this.decays = decays;
    this.iterations_ = 0;
    checkRate(className, 'learningRate', learningRate);
    checkNumber(className, 'weightDecay', weightDecay);
    checkDecay(className, decay);
  }

  /** Names of what is remembered for every number of every parameter. */
  protected abstract readonly slotNames: readonly string[];
  /** Changes the weights and the slots. `step` counts from 1. */
  protected abstract update(options: UpdateOptions, slots: readonly Variable[][], step: number | Scalar): void;

  /** Steps taken. */
  override get iterations(): number {
    return this.iterations_;
  }

  override set iterations(count: number) {
    if (!Number.isInteger(count) || count < 0) {
      throw new TrainOpsError(this.getClassName(), 'iterations must be an integer >= 0', count);
    }
    this.iterations_ = count;
  }

  /** Moves the parameters of these names. The first step settles which ones they are. */
  override applyGradients(gradients: NamedTensorMap | NamedTensor[]): void {
    const byName = Array.isArray(gradients)
      ? Object.fromEntries(gradients.map(({ name, tensor }) => [name, tensor]))
      : gradients;
    const { parameters, decays, slots } = this.settle(Object.keys(byName).filter((name) => byName[name]));
    const { learningRate, weightDecay, decay } = this;
    const ordered = parameters.map(({ name }) => byName[name]!);
    const options = { weights: parameters, gradients: ordered, learningRate, weightDecay, decay, decays };
    this.update(options, slots, this.step ?? this.iterations_ + 1);
    this.incrementIterations();
  }

  private settle(names: string[]): Settled {
    const className = this.getClassName();
    if (this.settled) {
      const known = this.settled.parameters.map(({ name }) => name);
      if (known.length === names.length && names.every((name) => known.includes(name))) return this.settled;
      throw new TrainOpsError(className, `the parameters must be the ${known.length} of the first step`, names);
    }
    if (!names.length) throw new TrainOpsError(className, 'there must be a parameter with a gradient', names);
    const { registeredVariables } = engine();
    const unknown = names.filter((name) => !registeredVariables[name]);
    if (unknown.length) throw new TrainOpsError(className, 'every gradient must name a variable', unknown);
    const parameters = names.map((name) => registeredVariables[name]!);
    const { decays: rule, given } = this;
    const decays = typeof rule === 'function' ? parameters.map((parameter) => (rule(parameter) ? 1 : 0)) : rule;
    const sizes = parameters.map((parameter) => parameter.size);
    if (given && !Array.isArray(given)) checkState(className, given, this.slotNames, sizes);
    const slots = this.slotNames.map(() => zeroSlots(parameters, decays));
    this.settled = { parameters, sizes, decays, buckets: bucketsOf(parameters, decays), slots };
    this.give(given);
    return this.settled;
  }

  /** To the slots, or to keep until there are some. */
  private give(given: OptimizerState | NamedTensor[] | undefined): void {
    if (this.given !== given && Array.isArray(this.given)) dispose(this.given);
    this.given = this.settled ? undefined : given;
    if (!this.settled || !given) return;
    const { sizes, buckets, slots } = this.settled;
    if (!Array.isArray(given)) {
      for (const [i, name] of this.slotNames.entries()) writeSlots(slots[i]!, buckets, sizes, given.slots[name]!);
      return;
    }
    const got = given.map(({ tensor }) => tensor.shape);
    const targets = slots.flat();
    const fits = JSON.stringify(got) === JSON.stringify(targets.map(({ shape }) => shape));
    if (fits) for (const [i, { tensor }] of given.entries()) targets[i]!.assign(tensor);
    dispose(given);
    if (!fits)
      throw new TrainOpsError(this.getClassName(), 'weights must be from getWeights for these parameters', got);
  }

  /** What a checkpoint has to hold beside the weights. */
  async exportState(): Promise<OptimizerState> {
    const step = this.iterations_;
    if (Array.isArray(this.given)) this.refuse();
    if (!this.settled) return this.given ?? { step, sizes: [], slots: {} };
    const { sizes, buckets, slots } = this.settled;
    const values = await Promise.all(slots.map((variables) => readSlots(variables, buckets, sizes)));
    return { step, sizes, slots: Object.fromEntries(values.map((numbers, i) => [this.slotNames[i]!, numbers])) };
  }

  /** Goes on from an exported state. Its parameters must have the same sizes in the same order. */
  importState(state: OptimizerState): void {
    checkState(this.getClassName(), state, this.slotNames, this.settled?.sizes);
    if (!state.sizes.length) this.dispose();
    this.iterations_ = state.step;
    if (state.sizes.length) this.give(state);
  }

  /** For `model.save`, which may include the optimizer. The slots stay this optimizer's own. */
  override async getWeights(): Promise<NamedTensor[]> {
    const { settled, given = [] } = this;
    if (!Array.isArray(given)) this.refuse();
    const slots = this.slotNames.flatMap((name, i) =>
      (settled?.slots[i] ?? []).map((tensor, j) => ({ name: `${this.getClassName()}/${name}/${j}`, tensor })),
    );
    return [await this.saveIterations(), ...slots, ...given];
  }

  /** What was given beforehand is in an order of buckets or of parameters, or is a rule: only the first step knows the rest. */
  private refuse(): never {
    throw new TrainOpsError(this.getClassName(), 'there must be a step first', this.iterations_);
  }

  /** Takes what {@link getWeights} gave, before the first step too, as `tf.loadLayersModel` does. */
  override async setWeights(weightValues: NamedTensor[]): Promise<void> {
    const given = await this.extractIterations(weightValues);
    const values = given.map(({ name, tensor }) => ({ name, tensor: keep(clone(tensor)) }));
    if (values.length) this.give(values);
  }

  override getConfig(): serialization.ConfigDict {
    const { learningRate, weightDecay, decay } = this;
    if (learningRate instanceof Tensor) {
      throw new TrainOpsError(this.getClassName(), 'learningRate must be a number to be saved', learningRate);
    }
    const decays = this.settled?.decays ?? this.decays;
    if (typeof decays === 'function') this.refuse();
    // Not null where there are none: TF.js stumbles over that in a file.
    return { learningRate, weightDecay, decay, ...(decays && { decays }) };
  }

  /** Frees what is remembered. */
  override dispose(): void {
    dispose(this.settled?.slots ?? []);
    this.settled = undefined;
    this.give(undefined);
  }
}
