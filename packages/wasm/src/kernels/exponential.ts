// Powers of e, logarithms, and functions made of them, four numbers at a time.
import { Erf, Exp, Expm1, Log, Log1p, Selu, Softplus, Tanh, type TensorInfo } from '@tensorflow/tfjs-core';
import { throughAll, trainingKernel } from './kernel.ts';

/** `number` is that of the function in assembly/exponential.ts. */
const unary = (kernelName: string, number: number) =>
  trainingKernel(kernelName, (call) => {
    const { inputs, backend, engine } = call;
    const { x } = inputs as { x: TensorInfo };
    if (x.dtype !== 'float32') return call.original();
    const y = backend.makeOutput(x.shape, 'float32');
    throughAll(engine, 'unary', [x, y], number);
    return y;
  });

export const exp = unary(Exp, 0);
export const tanh = unary(Tanh, 1);
export const erf = unary(Erf, 2);
export const log = unary(Log, 3);
export const log1p = unary(Log1p, 4);
export const softplus = unary(Softplus, 5);
export const expm1 = unary(Expm1, 6);
export const selu = unary(Selu, 7);
