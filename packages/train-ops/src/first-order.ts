// Gradients that are computed by what has no gradient of its own.
import { clone, customGrad, keep, type Tensor } from '@tensorflow/tfjs-core';
import { TrainOpsError } from './errors.ts';

/**
 * What `compute` makes of `inputs`, unseen by the tape; it refuses to be differentiated, since what the tape has not seen would be
 * left out of that without a word. For a gradient; inside a `tidy`.
 */
export function ofFirstOrder(operation: string, inputs: Tensor[], compute: () => Tensor[]): Tensor[] {
  const gradFunc = () => {
    throw new TrainOpsError(operation, 'its gradient must not be differentiated', 'a second gradient');
  };
  let others: Tensor[] = [];
  const first = customGrad(() => {
    const [value, ...rest] = compute() as [Tensor, ...Tensor[]];
    others = rest.map(keep); // the tape takes one output
    return { value, gradFunc };
  })(...inputs);
  return [
    first,
    ...others.map((kept) => {
      const owned = customGrad(() => ({ value: clone(kept), gradFunc }))(...inputs);
      kept.dispose();
      return owned;
    }),
  ];
}
