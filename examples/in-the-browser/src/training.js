// One training that can be started, paused and ended. It is @stridelab/trainer's `fit`, over batches that are made as they
// are asked for: so that whoever makes them says when the next step comes.
import { fit } from '@stridelab/trainer';
import { batch, randomNumbers } from './data.js';
import { Gate } from './gate.js';
import { network } from './network.js';

const BATCH = 32;
const EPOCHS = 30;
const STEPS_IN_EPOCH = 50;
export const STEPS = EPOCHS * STEPS_IN_EPOCH;

export class Training {
  /** Steps done. */
  step = 0;
  #gate = new Gate();
  #end = new AbortController();
  #fitting;
  #watcher;

  /** `watcher.stepped(event)` is told of every step; `watcher.between()` is awaited before each. */
  constructor(strides, seed, watcher) {
    Object.assign(this, network(strides, seed));
    this.random = randomNumbers(seed);
    this.#watcher = watcher;
  }

  get isBegun() {
    return this.#fitting !== undefined;
  }

  /** Begins. Resolves to `finished`, or to `aborted` where it was disposed of; pauses are part of it. */
  async run() {
    this.#fitting = this.#fit();
    const { reason } = await this.#fitting;
    return reason;
  }

  pause() {
    this.#gate.close();
  }

  resume() {
    this.#gate.open();
  }

  /** Ends it, wherever it is, and gives its memory back. */
  async dispose() {
    this.#end.abort();
    this.#gate.open();
    await this.#fitting?.catch(() => {}); // whoever called run() hears of what went wrong
    this.model.dispose();
  }

  #fit() {
    const options = {
      epochs: EPOCHS,
      optimizer: { kind: 'adam' },
      schedule: 0.01, // the strides' rate too: Adam moves a stride by about as much in a step
      signal: this.#end.signal,
      onEvent: (event) => {
        if (event.type !== 'step') return;
        this.step = event.step;
        this.#watcher.stepped({ ...event, images: BATCH });
      },
    };
    return fit(this.model, { train: () => this.#epoch() }, options);
  }

  #epoch() {
    const { random } = this;
    const next = async () => {
      await this.#gate.passed();
      if (this.#end.signal.aborted) return undefined;
      await this.#watcher.between();
      return batch(BATCH, random);
    };
    return {
      length: STEPS_IN_EPOCH,
      async *from(first) {
        for (let i = first; i < STEPS_IN_EPOCH; i++) {
          const made = await next();
          if (!made) return;
          yield made;
        }
      },
    };
  }
}
