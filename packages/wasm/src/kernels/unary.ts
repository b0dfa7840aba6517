// Functions of one number: powers of e, logarithms, and what is made of them, four numbers at a time.
import { Erf, Exp, Expm1, Log, Log1p, Selu, Softplus, Tanh, type TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, throughAll, trainingKernel } from './kernel.ts';

/** By the numbers that assembly/unary.ts has for them. */
const FUNCTIONS = {
  ...{ exp: 0, tanh: 1, erf: 2, log: 3, log1p: 4, softplus: 5, expm1: 6, selu: 7 },
  ...{ square: 8, cube: 9, fourthPower: 10 },
} as const;

export type UnaryFunction = keyof typeof FUNCTIONS;

/** The function of every value of x, which is float32. */
export function applyToAll({ backend, engine }: KernelCall<object>, x: TensorInfo, name: UnaryFunction): TensorInfo {
  const y = backend.makeOutput(x.shape, 'float32');
  throughAll(engine, 'unary', [x, y], FUNCTIONS[name]);
  return y;
}

const unary = (kernelName: string, name: UnaryFunction) =>
  trainingKernel(kernelName, (call) => {
    const { x } = call.inputs as { x: TensorInfo };
    return x.dtype === 'float32' ? applyToAll(call, x, name) : call.original();
  });

export const exp = unary(Exp, 'exp');
export const tanh = unary(Tanh, 'tanh');
export const erf = unary(Erf, 'erf');
export const log = unary(Log, 'log');
export const log1p = unary(Log1p, 'log1p');
export const softplus = unary(Softplus, 'softplus');
export const expm1 = unary(Expm1, 'expm1');
export const selu = unary(Selu, 'selu');
