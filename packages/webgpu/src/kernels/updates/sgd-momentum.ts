// Gradient descent with momentum over all parameters, in place.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { trainingKernel } from '../kernel.ts';
import { type UpdateAttrs, update } from './update.ts';

interface Attrs extends UpdateAttrs {
  momentum: number;
  nesterov: boolean;
}

/** velocity = momentum * velocity + gradient; weight = weight - learningRate * velocity. */
export const sgdMomentumUpdate = trainingKernel<Attrs, TensorInfo[]>('StridelabSgdMomentumUpdate', (call) => {
  const { momentum, nesterov, decoupled, learningRate } = call.attrs;
  const rates = call.inputs.learningRate;
  const words = [rates && 'rates', momentum && 'momentum', nesterov && 'nesterov', decoupled && 'decoupled'];
  return update(call, {
    name: 'StridelabSgdMomentumUpdate',
    variant: words.filter(Boolean).join(' '),
    slots: ['velocity'],
    uniforms: { momentum, ...(!rates && { learningRate: learningRate! }) },
    rates,
    code: /* wgsl */ `
    struct Next { weight: Value, slot0: Value }
    fn next(weight: Value, given: Value, velocity: Value, decay: f32) -> Next {
      let gradient = given${decoupled ? '' : ' + weight * decay'};
      let moved = ${momentum ? 'velocity * uniforms.momentum + gradient' : 'gradient'};
      let direction = ${nesterov ? 'gradient + moved * uniforms.momentum' : 'moved'}${decoupled ? ' + weight * decay' : ''};
      return Next(weight - direction * ${rates ? 'rates[0]' : 'uniforms.learningRate'}, moved);
    }`,
  });
});
