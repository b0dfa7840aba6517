// tf.exp, tf.tanh and tf.erf, four numbers at a time.
import { Erf, Exp, Tanh, type TensorInfo } from '@tensorflow/tfjs-core';
import { throughAll, trainingKernel } from './kernel.ts';

const unary = (kernelName: string, name: 'errorFunction' | 'exponential' | 'hyperbolicTangent') =>
  trainingKernel(kernelName, (call) => {
    const { inputs, backend, engine } = call;
    const { x } = inputs as { x: TensorInfo };
    if (x.dtype !== 'float32') return call.original();
    const y = backend.makeOutput(x.shape, 'float32');
    throughAll(engine, name, [x, y]);
    return y;
  });

export const erf = unary(Erf, 'errorFunction');
export const exp = unary(Exp, 'exponential');
export const tanh = unary(Tanh, 'hyperbolicTangent');
