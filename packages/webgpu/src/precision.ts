// How exactly matrix products and convolutions multiply.
import { WebgpuError } from './errors.ts';

/**
 * `'fast'` multiplies significands of 11 bits and adds in float32, where the chip has units for that; relative error at
 * most 1e-3. `'exact'` keeps float32 accuracy everywhere.
 */
export type Precision = 'fast' | 'exact';

let current: Precision = 'fast';

/** Sets the precision of every product from now on. Default 'fast', as TF32 is where there is CUDA. */
export function setPrecision(precision: Precision): void {
  if (precision !== 'fast' && precision !== 'exact')
    throw new WebgpuError('setPrecision', "precision must be 'fast' or 'exact'", precision);
  current = precision;
}

/** The precision of products at this moment. */
export const getPrecision = (): Precision => current;
