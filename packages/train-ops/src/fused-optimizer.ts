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
import { bucketsOf, zeroSlots } from './buckets.ts';
import { checkNumber, checkRate } from './checks.ts';
import { TrainOpsError } from './errors.ts';
import { checkState, type OptimizerState, readSlots, writeSlots } from './optimizer-state.ts';
import type { UpdateOptions } from './update.ts';
import { checkDecay } from './update-checks.ts';

/** `tf.Optimizer`, named so that a bundler may leave out the optimizers of a program that imports functions alone. */
const Optimizer = /* @__PURE__ */ (() => TfjsOptimizer)();

interface NamedTensor {
  name: string;
  tensor: Tensor;
}

export interface FusedOptimizerOptions {
  /** May be changed between steps. As a tensor, which stays the caller's, where steps are recorded once and replayed. */
  learningRate: number | Scalar;
  /** Default 0. */
  weightDecay?: number;
  /** See {@link UpdateOptions.decay}. Default 'l2'. */
  decay?: 'l2' | 'decoupled';
  /** Which parameters decay, or for each of them a factor of its decay, as a saved optimizer has them. Default all. */
  decays?: ((parameter: Variable) => boolean) | readonly number[];
}

/** The parameters that the first step has settled, and what is remembered of them. */
interface Settled {
  parameters: Variable[];
  decays: number[];
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
  /** What was imported before the first step. */
  private awaiting: OptimizerState | undefined;
  private awaitingSlots: Tensor[] = [];

  constructor({ learningRate, weightDecay = 0, decay = 'l2', decays }: FusedOptimizerOptions) {
    super();
    this.learningRate = learningRate;
    this.weightDecay = weightDecay;
    this.decay = decay;
    this.decays = decays;
    this.iterations_ = 0;
    checkRate(this.getClassName(), 'learningRate', learningRate);
    checkNumber(this.getClassName(), 'weightDecay', weightDecay);
    checkDecay(this.getClassName(), decay);
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
    const unknown = names.filter((name) => !engine().registeredVariables[name]);
    if (unknown.length) throw new TrainOpsError(className, 'every gradient must name a variable', unknown);
    const parameters = names.map((name) => engine().registeredVariables[name]!);
    const decays = this.decaysOf(parameters);
    const { awaiting } = this;
    if (awaiting) checkState(className, awaiting, this.slotNames, sizesOf(parameters));
    const slots = this.slotNames.map(() => zeroSlots(parameters, decays));
    this.settled = { parameters, decays, slots };
    if (awaiting) this.write(awaiting);
    this.assignAwaitingSlots(slots.flat());
    return this.settled;
  }

  private decaysOf(parameters: readonly Variable[]): number[] {
    const { decays = () => true } = this;
    if (typeof decays === 'function') return parameters.map((parameter) => (decays(parameter) ? 1 : 0));
    if (decays.length === parameters.length) return [...decays];
    throw new TrainOpsError(this.getClassName(), `decays must be ${parameters.length}, one for each parameter`, decays);
  }

  private write({ slots: values }: OptimizerState): void {
    const { parameters, decays, slots } = this.settled!;
    const buckets = bucketsOf(parameters, decays);
    for (const [i, name] of this.slotNames.entries())
      writeSlots(slots[i]!, buckets, sizesOf(parameters), values[name]!);
    this.awaiting = undefined;
  }

  /** What a checkpoint has to hold beside the weights. */
  async exportState(): Promise<OptimizerState> {
    const step = this.iterations_;
    if (!this.settled) {
      if (this.awaitingSlots.length) this.mustWait('exportState', 'setWeights');
      return this.awaiting ?? { step, sizes: [], slots: {} };
    }
    const { parameters, decays, slots } = this.settled;
    const sizes = sizesOf(parameters);
    const buckets = bucketsOf(parameters, decays);
    const values = await Promise.all(slots.map((variables) => readSlots(variables, buckets, sizes)));
    return { step, sizes, slots: Object.fromEntries(values.map((numbers, i) => [this.slotNames[i]!, numbers])) };
  }

  /** Goes on from an exported state. Its parameters must have the same sizes in the same order. */
  importState(state: OptimizerState): void {
    checkState(this.getClassName(), state, this.slotNames, this.settled && sizesOf(this.settled.parameters));
    if (!state.sizes.length) this.dispose();
    this.iterations_ = state.step;
    if (!state.sizes.length) return;
    this.forget(); // what was given before this
    this.awaiting = state;
    if (this.settled) this.write(state);
  }

  /** For `model.save`, which may include the optimizer. The slots stay this optimizer's own. */
  override async getWeights(): Promise<NamedTensor[]> {
    // Before the first step, what is to be the slots.
    const slots = this.settled?.slots.flat() ?? this.awaitingSlots;
    if (this.awaiting) this.mustWait('getWeights', 'importState');
    const each = slots.length / this.slotNames.length;
    const named = slots.map((tensor, i) => ({
      name: `${this.getClassName()}/${this.slotNames[Math.floor(i / each)]}/${i % each}`,
      tensor,
    }));
    return [await this.saveIterations(), ...named];
  }

  /** What was given before the first step is in an order of buckets or of parameters, of which only that step knows the other. */
  private mustWait(call: string, given: string): never {
    const rule = `${call} after ${given} must wait for a step, which settles the parameters`;
    throw new TrainOpsError(this.getClassName(), rule, this.iterations_);
  }

  /** Takes what {@link getWeights} gave, before the first step too, as `tf.loadLayersModel` does. */
  override async setWeights(weightValues: NamedTensor[]): Promise<void> {
    const values = (await this.extractIterations(weightValues)).map(({ tensor }) => keep(clone(tensor)));
    if (!values.length) return;
    this.forget();
    this.awaitingSlots = values;
    if (this.settled) this.assignAwaitingSlots(this.settled.slots.flat());
  }

  private assignAwaitingSlots(slots: Variable[]): void {
    const values = this.awaitingSlots;
    if (!values.length) return;
    this.awaitingSlots = [];
    const shapesOf = (tensors: Tensor[]) => tensors.map(({ shape }) => shape);
    const got = shapesOf(values);
    const fits = JSON.stringify(got) === JSON.stringify(shapesOf(slots));
    if (fits) for (const [i, slot] of slots.entries()) slot.assign(values[i]!);
    dispose(values);
    if (!fits)
      throw new TrainOpsError(this.getClassName(), 'weights must be from getWeights for these parameters', got);
  }

  override getConfig(): serialization.ConfigDict {
    const { learningRate, weightDecay, decay } = this;
    if (learningRate instanceof Tensor) {
      throw new TrainOpsError(this.getClassName(), 'learningRate must be a number to be saved', learningRate);
    }
    const decays = this.decays && (this.settled?.decays ?? this.decays);
    if (typeof decays === 'function') {
      throw new TrainOpsError(this.getClassName(), 'decays must be a list to be saved, or settled by a step', decays);
    }
    return { learningRate, weightDecay, decay, ...(decays && { decays: [...decays] }) };
  }

  /** Frees what is remembered. */
  override dispose(): void {
    for (const slot of this.settled?.slots.flat() ?? []) slot.dispose();
    this.settled = undefined;
    this.forget();
  }

  /** What awaits the first step. */
  private forget(): void {
    dispose(this.awaitingSlots);
    this.awaitingSlots = [];
    this.awaiting = undefined;
  }
}

function sizesOf(parameters: readonly Variable[]): number[] {
  return parameters.map(({ size }) => size);
}
