// Each layer here keeps the plain layer of tfjs-layers that it stands for, which is never built: it reads and writes the
// options that both have, so that they are the same to the last default.
import { layers } from '@tensorflow/tfjs-layers';

/** `layers.Layer`, named so that a bundler may leave out the layers of a program that imports functions alone. */
export const Layer = /* @__PURE__ */ (() => layers.Layer)();

type DenseArgs = Parameters<typeof layers.dense>[0];
type AddWeight = Parameters<layers.Layer['addWeight']>;

export type Initializer = NonNullable<AddWeight[3]>;
export type Regularizer = NonNullable<AddWeight[4]>;
export type Constraint = NonNullable<AddWeight[6]>;

/** What a plain layer has understood of its options; most of this it declares protected. */
export interface PlainOptions {
  kernelInitializer: Initializer;
  kernelRegularizer?: Regularizer;
  kernelConstraint?: Constraint;
  biasInitializer: Initializer;
  biasRegularizer?: Regularizer;
  biasConstraint?: Constraint;
  useBias: boolean;
  activation?: { apply<T>(x: T): T };
}

export function optionsOf(plain: layers.Layer): PlainOptions {
  return plain as unknown as PlainOptions;
}

export interface WeightArgs {
  initializer?: DenseArgs['kernelInitializer'];
  regularizer?: DenseArgs['kernelRegularizer'];
  constraint?: DenseArgs['kernelConstraint'];
}

/** What tfjs-layers makes of the names, configurations or objects for one weight; a dense layer alone can tell. */
export function readWeightArgs({ initializer, regularizer, constraint }: WeightArgs) {
  const args = { kernelInitializer: initializer, kernelRegularizer: regularizer, kernelConstraint: constraint };
  // A name of its own, because one made up would number the dense layers of the program anew.
  const dense = layers.dense({ units: 1, name: 'options', ...args });
  const { kernelInitializer, kernelRegularizer, kernelConstraint } = optionsOf(dense);
  const config = dense.getConfig();
  return {
    initializer: kernelInitializer,
    regularizer: kernelRegularizer,
    constraint: kernelConstraint,
    config: {
      initializer: config.kernelInitializer!,
      regularizer: config.kernelRegularizer!,
      constraint: config.kernelConstraint!,
    },
  };
}
