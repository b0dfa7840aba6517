// Adam over all parameters, in place.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch, output } from '../../gpu/dispatch.ts';
import type { Program } from '../../gpu/program.ts';
import { type KernelCall, trainingKernel } from '../kernel.ts';
import { type UpdateAttrs, update } from './update.ts';

interface Attrs extends UpdateAttrs {
  beta1: number;
  beta2: number;
  epsilon: number;
  step?: number;
}

/**
 * weight = weight - rate * m / (sqrt(v) + floor) with the moments m and v. The rate and the floor make up for moments that
 * start at zero: with c = 1 - beta^step, rate = learningRate sqrt(c2) / c1 and floor = epsilon sqrt(c2).
 */
export const adamUpdate = trainingKernel<Attrs, TensorInfo[]>('StridelabAdamUpdate', (call) => {
  const { beta1, beta2, decoupled } = call.attrs;
  const rates = call.inputs.learningRate || call.inputs.step ? ratesOf(call) : undefined;
  const numbers = rates ? undefined : numbersOf(call.attrs);
  const [learningRate, rate, floor] = rates
    ? ['rates[0]', 'rates[1]', 'rates[2]']
    : ['uniforms.learningRate', 'uniforms.rate', 'uniforms.floor'];
  const outputs = update(call, {
    name: 'StridelabAdamUpdate',
    variant: [rates && 'rates', decoupled && 'decoupled'].filter(Boolean).join(' '),
    slots: ['moment1', 'moment2'],
    uniforms: { beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2, ...numbers },
    rates,
    code: /* wgsl */ `
    struct Next { weight: Value, slot0: Value, slot1: Value }
    fn next(weight: Value, given: Value, moment1: Value, moment2: Value, decay: f32) -> Next {
      let gradient = given${decoupled ? '' : ' + weight * decay'};
      let first = moment1 * uniforms.beta1 + gradient * uniforms.rest1;
      let second = moment2 * uniforms.beta2 + gradient * gradient * uniforms.rest2;
      let moved = weight - first / (sqrt(second) + ${floor}) * ${rate};
      return Next(moved${decoupled ? ` - weight * decay * ${learningRate}` : ''}, first, second);
    }`,
  });
  if (rates) call.backend.disposeData(rates.dataId);
  return outputs;
});

function numbersOf({ learningRate, beta1, beta2, epsilon, step }: Attrs) {
  const root = Math.sqrt(1 - beta2 ** step!);
  return { learningRate: learningRate!, rate: (learningRate! * root) / (1 - beta1 ** step!), floor: epsilon * root };
}

/** learningRate, rate and floor where what they are made of is on the device. */
function ratesOf({ inputs, attrs, backend }: KernelCall<Attrs>): TensorInfo {
  const { learningRate, step } = inputs;
  const { beta1, beta2, epsilon } = attrs;
  const rates = output(backend, [3]);
  // The logarithm of 0, of which no power is left, is as small as a shader can take it.
  const log = (beta: number) => Math.max(Math.log(beta), -1e30);
  dispatch(backend, ratesProgram(learningRate !== undefined, step !== undefined), {
    tensors: { rates, ...(learningRate && { learningRate }), ...(step && { step }) },
    uniforms: {
      ...{ epsilon, log1: log(beta1), log2: log(beta2) },
      ...{ learningRate: attrs.learningRate ?? 0, step: attrs.step ?? 0 },
    },
    workgroups: [1, 1, 1],
  });
  return rates;
}

function ratesProgram(hasRate: boolean, hasStep: boolean): Program {
  return {
    name: 'StridelabAdamRates',
    variant: [hasRate && 'rate', hasStep && 'step'].filter(Boolean).join(' '),
    bindings: {
      ...(hasRate && { learningRate: 'read' }),
      ...(hasStep && { step: 'read' }),
      rates: 'read_write',
    },
    uniforms: { epsilon: 'f32', log1: 'f32', log2: 'f32', learningRate: 'f32', step: 'f32' },
    code: () => /* wgsl */ `
    /** 1 - exp(x), for x <= 0: by its series near 0, where the difference would lose digits. */
    fn rest(x: f32) -> f32 {
      if (x < -0.5) { return 1.0 - exp(x); }
      var term = 1.0;
      var sum = 0.0;
      for (var i = 1; i < 10; i++) {
        term *= x / f32(i);
        sum += term;
      }
      return -sum;
    }
    @compute @workgroup_size(1)
    fn main() {
      let rate = ${hasRate ? 'learningRate[0]' : 'uniforms.learningRate'};
      let count = ${hasStep ? 'step[0]' : 'uniforms.step'};
      let root = sqrt(rest(count * uniforms.log2));
      rates[0] = rate;
      rates[1] = rate * root / rest(count * uniforms.log1);
      rates[2] = uniforms.epsilon * root;
    }`,
  };
}
