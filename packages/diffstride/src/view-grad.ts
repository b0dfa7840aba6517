// An operation with a gradient of its own that keeps its inputs, and what it made, for the way back without a copy.
import { customGrad, engine, keep, reshape, type Tensor } from '@tensorflow/tfjs-core';

interface Operation {
  value: Tensor;
  /** The gradients of the inputs, from that of the value and from the inputs. */
  gradFunc: (dy: Tensor, inputs: Tensor[]) => Tensor[];
  /** Made on the way there, and small: kept for the way back. */
  made?: Tensor[];
}

/**
 * Like tf.customGrad with `save(inputs)`. That clones, and on wasm TF.js clones by copying; a view costs nothing. All goes with
 * the tape, as what is saved there does.
 */
export function viewGrad(f: (...inputs: Tensor[]) => Operation): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const isTaped = engine().isTapeOn();
    const kept = isTaped ? inputs.map(viewOf) : [];
    const y = customGrad((...args) => {
      const { made = [], ...operation } = f(...(args.slice(0, -1) as Tensor[]));
      if (isTaped) kept.push(...made.map(keep));
      return { ...operation, gradFunc: (dy: Tensor, saved: Tensor[]) => operation.gradFunc(dy, saved) };
    })(...inputs);
    const { activeTape } = engine().state;
    if (isTaped) activeTape!.at(-1)!.saved!.push(...kept.map(keep));
    return y;
  };
}

/** The tape knows whose view it is, for gradients of gradients. A reshape would save a clone there. */
function viewOf(x: Tensor): Tensor {
  return customGrad((...inputs) => ({
    value: reshape(inputs[0] as Tensor, x.shape),
    gradFunc: (dy: Tensor) => dy,
  }))(x);
}
