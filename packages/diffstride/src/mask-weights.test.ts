import { forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { masksNow, masksOnDevice } from './mask-weights.ts';
import { maskedSides } from './masked-sides.ts';
import { checkedRules, type MaskOptions } from './rules.ts';

forEachBackend(() => {
  it.each<[string, number[], number[], MaskOptions]>([
    ['inside of their range', [33, 24], [1.7, 2.9], {}],
    ['symmetric', [33, 24], [1.7, 2.9], { mask: 'symmetric', smoothness: 2.5 }],
    ['below the least one', [16, 20], [1, 1.1], { cropping: false }],
    ['clipped by limits', [33, 24], [1.7, 2.9], { lowerLimit: 2, upperLimit: 2.5 }],
    ['so large that nothing moves', [33, 24], [20, 40], {}],
    ['shared', [33, 24], [1.9], { shared: true }],
    ['of a signal', [31], [2.3], {}],
  ])('knows on the device what the host knows: strides %s', async (_, sides, strides, options) => {
    const rules = checkedRules('test', options);
    const masks = maskedSides('test', sides, strides.map(Math.fround), rules);
    const [host, device] = [
      masksNow(masks, sides, { values: strides }, rules),
      masksOnDevice(masks, sides, tf.tensor1d(strides), rules),
    ];
    for (const i of sides.keys()) {
      await expect(device.weights[i]!).toBeAllClose(host.weights[i] as number[], { absolute: 1e-5 });
      await expect(device.slopes[i]!).toBeAllClose(host.slopes[i] as number[], { absolute: 1e-5 });
    }
  });
});
