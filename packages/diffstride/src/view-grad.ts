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
    const kept: Tensor[] = [];
    const isTaped = engine().isTapeOn();
    const y = customGrad((...args) => {
      const { made = [], ...operation } = f(...(args.slice(0, -1) as Tensor[]));
      // Here, where the tape does not see it: a reshape of its own would save a clone too.
      if (isTaped) kept.push(...inputs.map((input) => keep(reshape(input, input.shape))));
      if (isTaped) kept.push(...made.map(keep));
      return { ...operation, gradFunc: (dy: Tensor, saved: Tensor[]) => operation.gradFunc(dy, saved) };
    })(...inputs);
    const { activeTape } = engine().state;
    if (isTaped) activeTape!.at(-1)!.saved!.push(...kept);
    return y;
  };
}
