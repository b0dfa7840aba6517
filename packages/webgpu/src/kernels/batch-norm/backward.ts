// Gradient of batch normalization in training: everything is read twice and dx written once.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { CLEAR, CLEARED, LEAVE, LEAVING_CODE, LEFT, LEFT_UNIFORMS, largerOf } from '../../gemm/left-scale.ts';
import { leaveScale } from '../../gemm/scale.ts';
import { dispatch, output } from '../../gpu/dispatch.ts';
import type { Program } from '../../gpu/program.ts';
import { checkInputs } from '../checks.ts';
import {
  addRows,
  type Columns,
  chunksToMap,
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
import { trainingKernel } from '../kernel.ts';
import { channelsOf, perChannel } from './channels.ts';
import { finishCode, finishGrid } from './finish.ts';

interface Attrs {
  epsilon: number;
  relu: boolean;
}

/**
 * dx, dGamma and dBeta. With r = 1 / sqrt(variance + epsilon), dy counting where y > 0 if there was a ReLU, and the sums
 * s = sum(dy) and t = sum(dy * (x - mean)) over the n rows:
 *
 *   dBeta = s,  dGamma = r t,  dx = gamma r (dy - s / n - (x - mean) r^2 t / n)
 */
export const batchNormTrainGrad = trainingKernel<Attrs, TensorInfo[]>(
  'StridelabBatchNormTrainGrad',
  ({ inputs, attrs, backend, abilities }) => {
    const { dy, x, gamma, mean, variance, y } = inputs as Record<string, TensorInfo>;
    const columns = channelsOf('StridelabBatchNormTrainGrad', x);
    checkInputs('StridelabBatchNormTrainGrad', inputs, {
      ...perChannel(columns, 'gamma', 'mean', 'variance'),
      ...{ dy: x!.shape, ...(attrs.relu && { y: x!.shape }) },
    });
    const { rows, columns: channels } = columns;
    const given = { dy: dy!, x: x!, ...(attrs.relu && { y: y! }) };
    const toSum = chunksToSum(columns);
    const partial = output(backend, [toSum.chunks, 2, channels]);
    dispatch(backend, sumsProgram(columns, attrs.relu), {
      tensors: { ...given, mean: mean!, partial },
      uniforms: placeUniforms(columns, toSum),
      workgroups: placeGrid(backend, columns, toSum),
    });
    const dx = output(backend, x!.shape);
    const left = leaveScale(backend, abilities, dx);
    const [dGamma, dBeta] = [output(backend, [channels]), output(backend, [channels])];
    const factors = output(backend, [3, channels]);
    dispatch(backend, finishProgram(!!left), {
      tensors: { partial, gamma: gamma!, variance: variance!, dGamma, dBeta, factors, ...left?.tensors },
      uniforms: { chunks: toSum.chunks, channels, rows, epsilon: attrs.epsilon, ...left?.uniforms },
      workgroups: finishGrid(backend, channels),
    });
    const toMap = chunksToMap(columns);
    dispatch(backend, applyProgram(columns, attrs.relu, !!left), {
      tensors: { ...given, mean: mean!, factors, dx, ...left?.tensors },
      uniforms: { ...placeUniforms(columns, toMap), ...left?.uniforms },
      workgroups: placeGrid(backend, columns, toMap),
    });
    for (const { dataId } of [partial, factors]) backend.disposeData(dataId);
    return [dx, dGamma, dBeta];
  },
);

/** What both programs over the rows read, and the gradient that has come through the ReLU. */
function passed(relu: boolean) {
  return {
    fetch: (i: number) => `let x${i} = x[at${i}]; let dy${i} = dy[at${i}]; ${relu ? `let y${i} = y[at${i}];` : ''}`,
    gradient: (i: number) => (relu ? `select(dy${i}, Value(), y${i} <= Value())` : `dy${i}`),
  };
}

/** For each chunk of rows the sums of dy and of dy * (x - mean). */
export function sumsProgram(columns: Columns, relu: boolean): Program {
  const element = elementOf(columns);
  const read = { access: 'read', element } as const;
  const { fetch, gradient } = passed(relu);
  return {
    name: 'StridelabBatchNormGradSums',
    variant: `${columnsVariant(columns)}${relu ? ' relu' : ''}`,
    bindings: { dy: read, x: read, ...(relu && { y: read }), mean: read, partial: { access: 'read_write', element } },
    uniforms: PLACE_UNIFORMS,
    code: () => /* wgsl */ `
    ${placeCode(columns)}
    var<workgroup> sums: array<Value, ${THREADS}>;
    var<workgroup> products: array<Value, ${THREADS}>;
    ${MAIN}
      var average = Value();
      if (place.inside) { average = mean[place.group]; }
      var sum = Value();
      var product = Value();
      ${forRows(fetch, (i) => `let g${i} = ${gradient(i)}; sum += g${i}; product += g${i} * (x${i} - average);`)}
      sums[thread] = sum;
      products[thread] = product;
      ${addRows(['sums', 'products'])}
      if (place.inside && place.rowLane == 0u) {
        partial[place.chunk * 2u * uniforms.groups + place.group] = sums[thread];
        partial[(place.chunk * 2u + 1u) * uniforms.groups + place.group] = products[thread];
      }
    }`,
  };
}

const finishProgram = (left: boolean): Program => ({
  name: 'StridelabBatchNormGradFactors',
  variant: left ? 'left' : '',
  bindings: {
    partial: 'read',
    gamma: 'read',
    variance: 'read',
    dGamma: 'read_write',
    dBeta: 'read_write',
    factors: 'read_write',
    ...(left && CLEARED),
  },
  uniforms: { chunks: 'u32', channels: 'u32', rows: 'u32', epsilon: 'f32', ...(left && LEFT_UNIFORMS) },
  code: () => /* wgsl */ `
    alias Part = vec2f;
    fn merge(a: Part, b: Part) -> Part { return a + b; }
    fn partOf(chunk: u32, channel: u32) -> Part {
      let at = chunk * 2u * uniforms.channels + channel;
      return vec2f(partial[at], partial[at + uniforms.channels]);
    }
    fn write(channel: u32, whole: Part) {
      let root = 1.0 / sqrt(variance[channel] + uniforms.epsilon);
      let means = whole / f32(uniforms.rows);
      let scale = gamma[channel] * root;
      dBeta[channel] = whole.x;
      dGamma[channel] = whole.y * root;
      factors[channel] = scale;
      factors[uniforms.channels + channel] = scale * means.x;
      factors[2u * uniforms.channels + channel] = scale * root * root * means.y;
    }
    ${finishCode('vec2f()', left ? CLEAR : '')}`,
});

function applyProgram(columns: Columns, relu: boolean, left: boolean): Program {
  const element = elementOf(columns);
  const read = { access: 'read', element } as const;
  const { fetch, gradient } = passed(relu);
  return {
    name: 'StridelabBatchNormTrainGrad',
    variant: `${columnsVariant(columns)}${relu ? ' relu' : ''}${left ? ' left' : ''}`,
    bindings: {
      ...{ dy: read, x: read, ...(relu && { y: read }), mean: read, factors: read },
      dx: { access: 'read_write', element },
      ...(left && LEFT),
    },
    uniforms: { ...PLACE_UNIFORMS, ...(left && LEFT_UNIFORMS) },
    code: () => /* wgsl */ `
    ${placeCode(columns)}
    ${left ? LEAVING_CODE : ''}
    ${MAIN}
      ${left ? 'var largest = 0u;' : 'if (!place.inside) { return; }'}
      let average = mean[place.group];
      let scale = factors[place.group];
      let offset = factors[uniforms.groups + place.group];
      let slope = factors[2u * uniforms.groups + place.group];
      ${forRows(
        fetch,
        (i) =>
          `let v${i} = scale * ${gradient(i)} - offset - (x${i} - average) * slope; dx[at${i}] = v${i};` +
          (left ? ` largest = ${largerOf(columns.width, 'largest', `v${i}`)};` : ''),
      )}
      ${left ? LEAVE : ''}
    }`,
  };
}
