// The strides of a layer: a variable that an optimizer moves, and what the host knows of it.
import { clipByValue, maximum, type Tensor, tensor1d, tidy, type Variable } from '@tensorflow/tfjs-core';
import { lookIsFree, valuesNow } from './host-values.ts';
import type { Strides } from './mask-weights.ts';
import { leastStrides, usedStrides } from './masks.ts';
import { MOST, type Rules } from './rules.ts';

export class StrideVariable {
  private known: { data: object | undefined; values: number[] };
  private told: number[] | undefined;
  private reading: Promise<void> | undefined;
  /** What a read ended in that nobody has heard of: a device may tell of an error once only, and to whichever read comes first. */
  private unheard: { error: unknown } | undefined;

  constructor(
    readonly variable: Variable,
    initial: number[],
  ) {
    this.known = { data: undefined, values: initial };
  }

  /**
   * The values that the host has. They are read once for every time that the variable changes; from a WebGPU device that takes
   * until the event loop turns, and until then they are those of a moment ago. Throws what an earlier read ended in.
   */
  now(): Strides & { stale: boolean } {
    this.throwUnheard();
    if (this.told) return { values: this.told, stale: true };
    const data = this.variable.dataId;
    // An optimizer may have changed the very data, in place.
    if (this.known.data !== data || lookIsFree()) {
      const values = valuesNow(this.variable);
      if (values) this.known = { data, values };
      else {
        this.known.data = undefined;
        void this.fetch();
      }
    }
    return { values: this.known.values, stale: this.known.data !== data };
  }

  /** From now on the host goes by these values and reads none itself; undefined ends that. */
  tell(values: readonly number[] | undefined): void {
    if (this.told && !values) this.known = { data: undefined, values: this.told };
    this.told = values && [...values];
  }

  /** The values as they are, on any backend; of a variable that is disposed of, the last that the host knew. */
  async read(): Promise<number[]> {
    do {
      await this.fetch();
      this.throwUnheard();
    } while (!this.isKnown());
    return this.known.values;
  }

  /** Never rejects, so that it need not be awaited: whoever asks for the values next hears what it ended in. */
  private fetch(): Promise<void> {
    const { dataId } = this.variable;
    const keep = async () => {
      const values = Array.from(await this.variable.data());
      this.known = { data: dataId, values };
    };
    this.reading ??= keep()
      .catch((error: unknown) => {
        // TF.js stumbles over data that an assignment replaces while it is read; what the device has to say is no such error.
        const replaced = this.variable.dataId !== dataId && error instanceof TypeError;
        if (!replaced) this.unheard ??= { error };
      })
      .finally(() => {
        this.reading = undefined;
      });
    return this.reading;
  }

  private throwUnheard(): void {
    const { unheard } = this;
    this.unheard = undefined;
    // A variable that is disposed of has no values left to know.
    if (unheard && !this.variable.isDisposed) throw unheard.error;
  }

  private isKnown(): boolean {
    const { variable, known } = this;
    if (variable.isDisposed) return true;
    return known.data === variable.dataId && (!lookIsFree() || valuesNow(variable) !== undefined);
  }

  /** Stores the strides back inside their legal range if an optimizer has moved them out of it. */
  bringBack(sides: readonly number[], rules: Rules): void {
    const { values, stale } = this.now();
    if (stale) this.bringBackUnseen(sides, rules);
    else {
      // Shared strides have one value for both sides, and one range.
      const legal = usedStrides(sides, values, rules)
        .slice(0, values.length)
        .map(({ value }) => Math.fround(value));
      if (legal.every((value, i) => value === values[i])) return;
      this.assign(() => tensor1d(legal));
      this.known = { data: this.variable.dataId, values: legal };
    }
  }

  /** The same where the host cannot see the values: every time, whether it is needed or not. */
  private bringBackUnseen(sides: readonly number[], rules: Rules): void {
    const { lowerLimit = 1, upperLimit = MOST } = rules;
    const lowest = leastStrides(sides, rules)
      .slice(0, this.variable.size)
      .map((least) => Math.min(Math.max(least, lowerLimit), upperLimit));
    // Sides of equal length have one range, and so one operation.
    const isOne = lowest.every((value) => value === lowest[0]);
    const raised = () => (isOne ? this.variable : maximum(this.variable, lowest));
    this.assign(() => clipByValue(raised(), Math.min(...lowest), upperLimit));
    if (!this.told) void this.fetch();
  }

  private assign(make: () => Tensor): void {
    tidy(() => this.variable.assign(make() as never));
  }
}
