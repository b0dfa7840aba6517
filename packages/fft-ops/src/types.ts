import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * A complex tensor as two real ones of equal shape, because TF.js's tape refuses gradients of complex64.
 * A type and not an interface, so that `tf.tidy` takes it as something to return.
 */
export type ComplexPair<T extends Tensor = Tensor> = {
  real: T;
  imag: T;
};

/**
 * Where the factor 1/n goes: `backward` on the inverse transform, `forward` on the forward one, `ortho` its square root
 * on both. As in numpy.
 */
export type Norm = 'backward' | 'ortho' | 'forward';

/** Options of the transforms along one axis. */
export interface AxisOptions {
  /** Length of the transformed axis (of the output for `irfft`): the input is cropped or zero-padded to fit. */
  n?: number;
  /** Default -1, the last axis. */
  axis?: number;
  /** Default 'backward'. */
  norm?: Norm;
}

/** Options of the transforms along several axes. */
export interface AxesOptions {
  /** Lengths of the transformed axes, one for each of `axes`: the input is cropped or zero-padded to fit. */
  s?: readonly number[];
  /** Default: the last `s.length` axes, or all of them; the last two for the 2D transforms. */
  axes?: readonly number[];
  /** Default 'backward'. */
  norm?: Norm;
}
