// tf.leakyRelu and its gradient, in one pass each.
import { LeakyRelu, type TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, throughAll, trainingKernel } from './kernel.ts';

/** A kernel of this package alone. */
export const LeakyReluGradient = 'StridelabLeakyReluGradient';

interface Attrs {
  alpha: number;
}

/** x -> x where it is above 0, and alpha x elsewhere. */
export const leakyRelu = trainingKernel<Attrs>(LeakyRelu, (call) => {
  const { x } = call.inputs as { x: TensorInfo };
  return x.dtype === 'float32' ? sloped(call, x, x, true) : call.original();
});

/** x, dy -> dx, all of one shape. */
export const leakyReluGradient = trainingKernel<Attrs>(LeakyReluGradient, (call) => {
  const { x, dy } = call.inputs as { x: TensorInfo; dy: TensorInfo };
  return sloped(call, x, dy, false);
});

/** `given` where x is above 0, and alpha times as much elsewhere. */
function sloped(call: KernelCall<Attrs>, x: TensorInfo, given: TensorInfo, keepsZero: boolean): TensorInfo {
  const { attrs, backend, engine } = call;
  const out = backend.makeOutput(x.shape, 'float32');
  throughAll(engine, 'leakyGradient', [x, given, out], attrs.alpha, Number(keepsZero));
  return out;
}
