import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { sumParts } from '../../gemm/sum-parts.ts';
import type { Backend } from '../../gpu/backend.ts';
import { dispatch, output } from '../../gpu/dispatch.ts';
import { gridOf } from '../../gpu/grid.ts';
import type { Program } from '../../gpu/program.ts';
import { trainingKernel } from '../kernel.ts';
import { type Chain, heldBy, matricesOf, piecesOf, runChain, sizesOf } from './chain.ts';

const NAME = 'StridelabChainProducts';
const THREADS = 128;

interface Attrs {
  aInner: number[];
  bInner: number[];
  channels: number;
}

/**
 * a and b (batch, ...), each with a chain of its own (aMatrix0, ..., bMatrix0, ...) to (batch, places, channels) -> (places), the
 * sum over the batch and the channels of the product of both.
 */
export const chainProducts = trainingKernel<Attrs>(NAME, (call) => {
  const { inputs, attrs, backend } = call;
  const { aInner, bInner, channels } = attrs;
  const chainOf = (x: TensorInfo, letter: string, inner: number[]): Chain => ({
    ...{ name: NAME, x, channels, inner },
    matrices: matricesOf(inputs, `${letter}Matrix`, inner.length),
  });
  const [a, b] = [chainOf(inputs.a!, 'a', aInner), chainOf(inputs.b!, 'b', bInner)];
  const batch = a.x.shape[0]!;
  const spectrum = sizesOf(a).at(-1)!;
  const places = spectrum / batch / channels;
  // The room is that of the gradient of a, which is not there yet, and of one map more.
  const held = Math.max(heldBy(a), spectrum + heldBy(b));
  const pieces = piecesOf(batch, held, 2 * util.sizeFromShape(a.x.shape));
  const each = output(backend, [1, pieces.length, 1, places]);
  for (const [part, piece] of pieces.entries()) {
    const [left, right] = [a, b].map((chain) => runChain(call as never, chain, piece)) as [TensorInfo, TensorInfo];
    addProducts(backend, { left, right, each, part, places, channels, examples: piece[1] - piece[0] });
    for (const { dataId } of [left, right]) backend.disposeData(dataId);
  }
  if (pieces.length === 1) return { ...each, shape: [places] };
  const sums = sumParts(backend, each, [places], undefined);
  backend.disposeData(each.dataId);
  return sums;
});

interface Products {
  left: TensorInfo;
  right: TensorInfo;
  /** (1, parts, 1, places) */
  each: TensorInfo;
  part: number;
  places: number;
  channels: number;
  examples: number;
}

/** Sums of left * right over examples and channels, a workgroup for each place. */
function addProducts(backend: Backend, { left, right, each, part, places, channels, examples }: Products): void {
  const width = channels % 4 === 0 ? 4 : 1;
  dispatch(backend, programOf(width), {
    tensors: { left, right, each },
    uniforms: { places, channels: channels / width, examples, first: part * places },
    workgroups: gridOf(backend, places),
  });
}

function programOf(width: 1 | 4): Program {
  const element = width === 4 ? 'vec4f' : 'f32';
  const read = { access: 'read', element } as const;
  return {
    name: `${NAME}Sums`,
    variant: `${width}`,
    bindings: { left: read, right: read, each: 'read_write' },
    uniforms: { places: 'u32', channels: 'u32', examples: 'u32', first: 'u32' },
    code: () => /* wgsl */ `
    var<workgroup> sums: array<f32, ${THREADS}>;
    @compute @workgroup_size(${THREADS})
    fn main(
      @builtin(workgroup_id) group: vec3u,
      @builtin(num_workgroups) groups: vec3u,
      @builtin(local_invocation_index) thread: u32,
    ) {
      let place = group.x + group.y * groups.x;
      let within = place < uniforms.places;
      let channels = uniforms.channels;
      var sum = 0.0;
      if (within) {
        for (var i = thread; i < uniforms.examples * channels; i += ${THREADS}u) {
          let at = (i / channels * uniforms.places + place) * channels + i % channels;
          sum += ${width === 4 ? 'dot(left[at], right[at])' : 'left[at] * right[at]'};
        }
      }
      sums[thread] = sum;
      for (var reach = ${THREADS / 2}u; reach > 0u; reach /= 2u) {
        workgroupBarrier();
        if (thread < reach) { sums[thread] += sums[thread + reach]; }
      }
      if (thread == 0u && within) { each[uniforms.first + place] = sums[0]; }
    }`,
  };
}
