// A program in JavaScript may leave out what TypeScript asks for.
import { expectNamedError } from '@stridelab/test-kit';
import { expect, it } from 'vitest';
import {
  adamUpdate,
  FusedAdam,
  FusedOptimizer,
  FusedSgd,
  sgdMomentumUpdate,
  TrainOpsError,
  zeroSlots,
} from './index.ts';

it.each<[string, (given: never) => unknown, string]>([
  ['FusedSgd', (given) => new FusedSgd(given), 'learningRate must'],
  ['FusedAdam', (given) => new FusedAdam(given), 'learningRate must'],
  ['sgdMomentumUpdate', sgdMomentumUpdate, 'there must be a weight'],
  ['adamUpdate', adamUpdate, 'there must be a weight'],
  ['zeroSlots', zeroSlots, 'weights must be a list of tensors'],
])('%s says what it misses', async (name, call, rule) => {
  for (const given of [undefined, null, 3, {}]) {
    await expectNamedError(() => call(given as never), TrainOpsError, new RegExp(`^train-ops\\.${name}: ${rule}`));
  }
});

it.each<[string, (given: never) => unknown, string]>([
  [
    'FusedSgd',
    (given) => new FusedSgd(given),
    'learningRate, weightDecay, decay, decays, momentum, nesterov, customObjects',
  ],
  [
    'FusedAdam',
    (given) => new FusedAdam(given),
    'learningRate, weightDecay, decay, decays, beta1, beta2, epsilon, customObjects',
  ],
  [
    'sgdMomentumUpdate',
    sgdMomentumUpdate,
    'weights, gradients, learningRate, weightDecay, decay, decays, velocity, momentum, nesterov',
  ],
  [
    'adamUpdate',
    adamUpdate,
    'weights, gradients, learningRate, weightDecay, decay, decays, moment1, moment2, step, beta1, beta2, epsilon',
  ],
])('%s refuses what it does not take', async (name, call, options) => {
  const message = `train-ops.${name}: options must be some of {${options}}, got {learningRate: 0.1, l2: 0.5}`;
  await expectNamedError(() => call({ learningRate: 0.1, l2: 0.5 } as never), TrainOpsError, message);
});

it("an optimizer of one's own may have options of its own", () => {
  class Own extends FusedOptimizer {
    static readonly className = 'Own';
    protected override readonly slotNames = [];
    protected override update() {}
  }
  expect(new Own({ learningRate: 0.1, rho: 0.9 } as never).learningRate).toBe(0.1);
});
