// The two charts of the page, and the numbers behind them.
import { chart } from './charts.js';

const percent = (_, values) => values.map((value) => `${Math.round(100 * value)}%`);
/** Of a running mean, how much stays from one step to the next: a batch alone is too few pictures for a curve. */
const STAYS = 0.9;

export class Curves {
  #strides = chart(document.getElementById('chart-strides'), {
    lines: [
      { label: 'down', colour: '--down', dash: [7, 4] },
      { label: 'across', colour: '--across' },
    ],
    scales: { y: { range: (_, low, high) => [Math.min(1, low ?? 1), Math.max(4, (high ?? 4) + 0.2)] } },
    axes: [{}],
  });
  #learning = chart(document.getElementById('chart-loss'), {
    lines: [
      { label: 'loss', colour: '--loss', scale: 'loss', dash: [7, 4] },
      { label: 'accuracy', colour: '--accuracy', scale: 'accuracy' },
    ],
    scales: { loss: { range: (_, __, high) => [0, Math.max(1.5, high ?? 1.5)] }, accuracy: { range: [0, 1] } },
    axes: [{ scale: 'loss' }, { scale: 'accuracy', side: 1, values: percent, grid: { show: false } }],
  });

  constructor() {
    this.clear();
  }

  clear() {
    this.strides = [[], [], []];
    this.learning = [[], [], []];
    this.mean = { loss: 0, accuracy: 0, weight: 0 };
  }

  addStep({ step, loss, accuracy }) {
    const { mean } = this;
    mean.loss = STAYS * mean.loss + (1 - STAYS) * loss;
    mean.accuracy = STAYS * mean.accuracy + (1 - STAYS) * accuracy;
    mean.weight = STAYS * mean.weight + (1 - STAYS);
    const row = [step, mean.loss / mean.weight, this.accuracy];
    for (const [i, value] of row.entries()) this.learning[i].push(value);
  }

  addStrides(step, [down, across]) {
    for (const [i, value] of [step, down, across].entries()) this.strides[i].push(value);
  }

  /** The running mean, once there is a step. */
  get accuracy() {
    return this.mean.weight ? this.mean.accuracy / this.mean.weight : undefined;
  }

  draw() {
    this.#strides.draw(this.strides);
    this.#learning.draw(this.learning);
  }
}
