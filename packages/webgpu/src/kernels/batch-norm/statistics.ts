// The statistics of a batch, in two dispatches: x is read once.
import type { NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import { CLEAR, CLEARED, LEFT_UNIFORMS } from '../../gemm/left-scale.ts';
import type { LeftScale } from '../../gemm/scale.ts';
import { dispatch, output } from '../../gpu/dispatch.ts';
import type { Program } from '../../gpu/program.ts';
import {
  type Columns,
  chunksToSum,
  columnsVariant,
  elementOf,
  forRows,
  MAIN,
  PLACE_UNIFORMS,
  placeCode,
  placeGrid,
  placeUniforms,
  THREADS,
} from '../columns/columns.ts';
import type { KernelCall } from '../kernel.ts';
import { finishCode, finishGrid } from './finish.ts';

const MOVING = ['movingMean', 'movingVariance'];

/** Names of the moving statistics, where there are any. */
export function movingOf(inputs: NamedTensorInfoMap): string[] {
  return MOVING.some((name) => inputs[name]) ? MOVING : [];
}

/**
 * mean and variance of every channel of x, and what moving statistics shall be next, where they are given. Clears the
 * place of a scale that is `left` later.
 */
export function statisticsOf(
  { inputs, attrs, backend }: KernelCall<{ momentum?: number }>,
  x: TensorInfo,
  columns: Columns,
  left?: LeftScale,
): TensorInfo[] {
  const { rows, columns: channels } = columns;
  const chunked = chunksToSum(columns);
  const partial = output(backend, [chunked.chunks, 2, channels]);
  dispatch(backend, momentsProgram(columns), {
    tensors: { x, partial },
    uniforms: placeUniforms(columns, chunked),
    workgroups: placeGrid(backend, columns, chunked),
  });
  const { movingMean, movingVariance } = inputs as Record<string, TensorInfo | undefined>;
  const moves = movingOf(inputs).length > 0;
  const names = ['mean', 'variance', ...(moves ? ['nextMovingMean', 'nextMovingVariance'] : [])];
  const outputs = names.map((name) => [name, output(backend, [channels])] as const);
  dispatch(backend, finishProgram(moves, !!left), {
    tensors: {
      partial,
      ...Object.fromEntries(outputs),
      ...(moves && { movingMean: movingMean!, movingVariance: movingVariance! }),
      ...left?.tensors,
    },
    uniforms: { ...chunked, channels, rows, ...(moves && { share: 1 - attrs.momentum! }), ...left?.uniforms },
    workgroups: finishGrid(backend, channels),
  });
  backend.disposeData(partial.dataId);
  return outputs.map(([, tensor]) => tensor);
}

/**
 * For each chunk of rows the mean of every channel and its sum of squared deviations. A thread counts from the first value
 * that it meets, so that little is lost where the mean is large beside the deviation, and threads are joined by
 * https://doi.org/10.1080/00031305.1983.10483115.
 */
function momentsProgram(columns: Columns): Program {
  const element = elementOf(columns);
  return {
    name: 'StridelabBatchNormMoments',
    variant: columnsVariant(columns),
    bindings: { x: { access: 'read', element }, partial: { access: 'read_write', element } },
    uniforms: PLACE_UNIFORMS,
    code: () => /* wgsl */ `
    ${placeCode(columns)}
    var<workgroup> means: array<Value, ${THREADS}>;
    var<workgroup> squares: array<Value, ${THREADS}>;
    var<workgroup> counts: array<f32, ${THREADS}>;
    ${MAIN}
      var start = Value();
      var count = 0u;
      if (place.first < place.end) {
        start = x[at(place, place.first)];
        count = (place.end - place.first + STEP - 1u) / STEP;
      }
      var sum = Value();
      var square = Value();
      ${forRows(
        (i) => `let d${i} = x[at${i}] - start;`,
        (i) => `sum += d${i}; square += d${i} * d${i};`,
      )}
      let size = max(f32(count), 1.0);
      means[thread] = start + sum / size;
      squares[thread] = max(square - sum * (sum / size), Value());
      counts[thread] = f32(count);
      for (var half = STEP / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (place.rowLane < half) {
          let other = thread + half * LANES;
          let both = counts[thread] + counts[other];
          if (counts[other] > 0.0) {
            let apart = means[other] - means[thread];
            squares[thread] += squares[other] + apart * apart * (counts[thread] * (counts[other] / both));
            means[thread] += apart * (counts[other] / both);
            counts[thread] = both;
          }
        }
      }
      if (place.inside && place.rowLane == 0u) {
        partial[place.chunk * 2u * uniforms.groups + place.group] = means[thread];
        partial[(place.chunk * 2u + 1u) * uniforms.groups + place.group] = squares[thread];
      }
    }`,
  };
}

function finishProgram(moves: boolean, left: boolean): Program {
  return {
    name: 'StridelabBatchNormStatistics',
    variant: [moves && 'moving', left && 'left'].filter(Boolean).join(' '),
    bindings: {
      partial: 'read',
      ...(moves && { movingMean: 'read', movingVariance: 'read' }),
      mean: 'read_write',
      variance: 'read_write',
      ...(moves && { nextMovingMean: 'read_write', nextMovingVariance: 'read_write' }),
      ...(left && CLEARED),
    },
    uniforms: {
      chunk: 'u32',
      chunks: 'u32',
      channels: 'u32',
      rows: 'u32',
      ...(moves && { share: 'f32' }),
      ...(left && LEFT_UNIFORMS),
    },
    code: () => /* wgsl */ `
    struct Part { mean: f32, squares: f32, count: f32 }
    fn merge(a: Part, b: Part) -> Part {
      if (b.count == 0.0) { return a; }
      let both = a.count + b.count;
      let apart = b.mean - a.mean;
      let squares = a.squares + b.squares + apart * apart * (a.count * (b.count / both));
      return Part(a.mean + apart * (b.count / both), squares, both);
    }
    fn partOf(chunk: u32, channel: u32) -> Part {
      let count = min(uniforms.chunk, uniforms.rows - chunk * uniforms.chunk);
      let at = chunk * 2u * uniforms.channels + channel;
      return Part(partial[at], partial[at + uniforms.channels], f32(count));
    }
    fn write(channel: u32, whole: Part) {
      let average = whole.mean;
      let spread = whole.squares / f32(uniforms.rows);
      mean[channel] = average;
      variance[channel] = spread;
      ${
        moves
          ? `let before = vec2f(movingMean[channel], movingVariance[channel]);
      let next = before + (vec2f(average, spread) - before) * uniforms.share;
      nextMovingMean[channel] = next.x;
      nextMovingVariance[channel] = next.y;`
          : ''
      }
    }
    ${finishCode('Part(0.0, 0.0, 0.0)', left ? CLEAR : '')}`,
  };
}
