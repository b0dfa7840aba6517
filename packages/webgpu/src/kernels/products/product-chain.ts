import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { denseOutput, outputInto } from '../../gemm/output.ts';
import { output } from '../../gpu/dispatch.ts';
import { trainingKernel } from '../kernel.ts';
import { type Chain, heldBy, matricesOf, piecesOf, runChain, sizesOf, withoutLast } from './chain.ts';

const NAME = 'StridelabProductChain';

interface Attrs {
  inner: number[];
  channels: number;
  shape: number[];
}

/**
 * x (batch, ..., channels) and matrix0, matrix1, ... (rows, n) -> `shape`: a product after the other over the whole batch, with
 * no copy of an image in between; in pieces where what is there between two of them is more than a map.
 */
export const productChain = trainingKernel<Attrs>(NAME, (call) => {
  const { inputs, attrs, backend } = call;
  const { inner, channels, shape } = attrs;
  const x = inputs.x as TensorInfo;
  const chain: Chain = { name: NAME, x, channels, matrices: matricesOf(inputs, 'matrix', inner.length), inner };
  const [given, result] = [util.sizeFromShape(x.shape), util.sizeFromShape(shape)];
  // The result of pieces is there as a whole from the first on.
  const held = (share: number) => (share === 1 ? heldBy(chain) : result + share * heldBy(withoutLast(chain)));
  const pieces = piecesOf(x.shape[0]!, held, Math.max(given, result) + result);
  if (pieces.length === 1) return runChain(call as never, chain, pieces[0]!, denseOutput(shape));
  const out = output(backend, shape);
  const perExample = sizesOf(chain).at(-1)! / x.shape[0]!;
  for (const piece of pieces) runChain(call as never, chain, piece, outputInto(out, perExample * piece[0]));
  return out;
});
