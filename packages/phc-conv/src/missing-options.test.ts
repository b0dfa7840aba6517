// A program in JavaScript may leave out what TypeScript asks for.
import { expectNamedError } from '@stridelab/test-kit';
import { it } from 'vitest';
import { PHCConv1D, PHCConv2D, PHCConv2DTranspose, PHCConv3D, PHMDense, PhcConvError } from './index.ts';

it.each([PHCConv1D, PHCConv2D, PHCConv2DTranspose, PHCConv3D, PHMDense])('%o misses n by its name', async (Layer) => {
  for (const args of [undefined, null, 4]) {
    const message = `phc-conv.${Layer.className}: n must be an integer >= 1, got undefined`;
    await expectNamedError(() => new Layer(args as never), PhcConvError, message);
  }
});
