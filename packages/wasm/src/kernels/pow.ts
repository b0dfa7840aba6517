// tf.pow by a whole number of products, as norms ask for; TF.js takes 25 times as long for any exponent.
import { Pow, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { shared } from './identity.ts';
import { floatsAt, throughAll, trainingKernel } from './kernel.ts';

/** Exponents, and the number of the function in assembly/exponential.ts. */
const POWERS = new Map([
  [2, 8],
  [3, 9],
  [4, 10],
]);

export const pow = trainingKernel(Pow, (call) => {
  const { inputs, backend, engine } = call;
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  const isOne = util.sizeFromShape(b.shape) === 1 && b.shape.length <= a.shape.length;
  if (a.dtype !== 'float32' || b.dtype !== 'float32' || !isOne) return call.original();
  const exponent = floatsAt(engine, engine.address(b), 1)[0]!;
  if (exponent === 1) return shared(call, a);
  const power = POWERS.get(exponent);
  if (power === undefined) return call.original();
  const y = backend.makeOutput(a.shape, 'float32');
  throughAll(engine, 'unary', [a, y], power);
  return y;
});
