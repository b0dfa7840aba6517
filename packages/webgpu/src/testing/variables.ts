// For tests: variables, and tensors as bits.
import * as tf from '@tensorflow/tfjs-core';

/** A variable whose values the host has. */
export const vector = (...values: number[]) => tf.tidy(() => tf.variable(tf.tensor1d(values)));

export const bits = async (tensor: tf.Tensor) => [...new Uint32Array((await tensor.data()).slice().buffer)];
