// The strides of a layer: a variable that an optimizer moves, and what the host knows of it.
import { clipByValue, maximum, type Tensor, tensor1d, tidy, type Variable } from '@tensorflow/tfjs-core';
import { valuesNow } from './host-values.ts';
import type { Strides } from './mask-weights.ts';
import { leastStrides, usedStrides } from './masks.ts';
import { MOST, type Rules } from './rules.ts';

export class StrideVariable {
  private known: { data: object | undefined; values: number[] };
  private reading: Promise<void> | undefined;
  private brought: object | undefined;

  constructor(
    readonly variable: Variable,
    initial: number[],
  ) {
    this.known = { data: undefined, values: initial };
  }

  /**
   * The values that the host has. They are read once for every time that the variable changes; from a WebGPU device that takes
   * until the event loop turns, and until then they are those of a moment ago.
   */
  now(): Strides & { stale: boolean } {
    const data = this.variable.dataId;
    if (this.known.data !== data) {
      const values = valuesNow(this.variable);
      if (values) this.known = { data, values };
      else void this.read();
    }
    return { values: this.known.values, stale: this.known.data !== data };
  }

  /** The values as they are, on any backend. */
  async read(): Promise<number[]> {
    const data = this.variable.dataId;
    const keep = async () => {
      const values = Array.from(await this.variable.data());
      this.known = { data, values };
    };
    // A variable that is disposed of in the meantime has no values left to know.
    this.reading ??= keep()
      .catch(() => undefined)
      .finally(() => {
        this.reading = undefined;
      });
    await this.reading;
    const isKnown = this.known.data === this.variable.dataId || this.variable.isDisposed;
    return isKnown ? this.known.values : this.read();
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

  /** The same where the host cannot see the values: once for every change, whether it is needed or not. */
  private bringBackUnseen(sides: readonly number[], rules: Rules): void {
    if (this.brought === this.variable.dataId) return;
    const { lowerLimit = 1, upperLimit = MOST } = rules;
    const least = leastStrides(sides, rules).slice(0, this.variable.size);
    this.assign(() => clipByValue(maximum(this.variable, least), lowerLimit, upperLimit));
    this.brought = this.variable.dataId;
    void this.read();
  }

  private assign(make: () => Tensor): void {
    tidy(() => this.variable.assign(make() as never));
  }
}
