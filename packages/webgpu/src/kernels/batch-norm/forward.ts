// Batch normalization in training, with a ReLU in the same operation: x is read twice and written once.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { LEAVE, LEAVING_CODE, LEFT, LEFT_UNIFORMS, largerOf } from '../../gemm/left-scale.ts';
import { leaveScale } from '../../gemm/scale.ts';
import { dispatch, output } from '../../gpu/dispatch.ts';
import type { Program } from '../../gpu/program.ts';
import { checkInputs } from '../checks.ts';
import {
  type Columns,
  chunksToMap,
  columnsVariant,
  elementOf,
  forRows,
  MAIN,
  PLACE_UNIFORMS,
  placeCode,
  placeGrid,
  placeUniforms,
} from '../columns/columns.ts';
import { trainingKernel } from '../kernel.ts';
import { channelsOf, perChannel } from './channels.ts';
import { movingOf, statisticsOf } from './statistics.ts';

interface Attrs {
  epsilon: number;
  relu: boolean;
  momentum?: number;
}

/** y as x; mean and variance of each channel; and what moving statistics shall be next, where they are given. */
export const batchNormTrain = trainingKernel<Attrs, TensorInfo[]>('StridelabBatchNormTrain', (call) => {
  const { inputs, attrs, backend, abilities } = call;
  const { x, gamma, beta } = inputs as Record<string, TensorInfo>;
  const columns = channelsOf('StridelabBatchNormTrain', x);
  checkInputs('StridelabBatchNormTrain', inputs, perChannel(columns, 'gamma', 'beta', ...movingOf(inputs)));
  const y = output(backend, x!.shape);
  const left = leaveScale(backend, abilities, y);
  const statistics = statisticsOf(call, x!, columns, left);
  const [mean, variance] = statistics as [TensorInfo, TensorInfo];
  const chunked = chunksToMap(columns);
  dispatch(backend, applyProgram(columns, attrs.relu, !!left), {
    tensors: { x: x!, mean, variance, gamma: gamma!, beta: beta!, y, ...left?.tensors },
    uniforms: { ...placeUniforms(columns, chunked), epsilon: attrs.epsilon, ...left?.uniforms },
    workgroups: placeGrid(backend, columns, chunked),
  });
  return [y, ...statistics];
});

function applyProgram(columns: Columns, relu: boolean, left: boolean): Program {
  const element = elementOf(columns);
  const read = { access: 'read', element } as const;
  const value = (i: number) => `(x${i} - average) * scale + offset`;
  return {
    name: 'StridelabBatchNormTrain',
    variant: `${columnsVariant(columns)}${relu ? ' relu' : ''}${left ? ' left' : ''}`,
    bindings: {
      ...{ x: read, mean: read, variance: read, gamma: read, beta: read },
      y: { access: 'read_write', element },
      ...(left && LEFT),
    },
    uniforms: { ...PLACE_UNIFORMS, epsilon: 'f32', ...(left && LEFT_UNIFORMS) },
    code: () => /* wgsl */ `
    ${placeCode(columns)}
    ${left ? LEAVING_CODE : ''}
    ${MAIN}
      ${left ? 'var largest = 0u;' : 'if (!place.inside) { return; }'}
      let average = mean[place.group];
      let scale = gamma[place.group] / sqrt(variance[place.group] + uniforms.epsilon);
      let offset = beta[place.group];
      ${forRows(
        (i) => `let x${i} = x[at${i}];`,
        // What is no number stays none, which max would hide.
        (i) =>
          `let v${i} = ${value(i)}; let w${i} = ${relu ? `select(v${i}, Value(), v${i} < Value())` : `v${i}`}; y[at${i}] = w${i};` +
          (left ? ` largest = ${largerOf(columns.width, 'largest', `w${i}`)};` : ''),
      )}
      ${left ? LEAVE : ''}
    }`,
  };
}
