// The gradient of a sum over neighbouring axes: every row gets the same.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch, output } from '../../gpu/dispatch.ts';
import type { Program } from '../../gpu/program.ts';
import { trainingKernel } from '../kernel.ts';
import {
  type Columns,
  chunksToMap,
  columnsOf,
  columnsVariant,
  elementOf,
  forRows,
  MAIN,
  PLACE_UNIFORMS,
  placeCode,
  placeGrid,
  placeUniforms,
} from './columns.ts';

/** Name of the kernel behind the gradients of tf.sum and tf.mean. */
export const REPEAT_ROWS = 'StridelabRepeatRows';

/** x (outer, columns) as out (outer, rows, columns), times `scale`; the shape of either is the caller's. */
export const repeatRows = trainingKernel<{ outer: number; columns: number; shape: number[]; scale: number }>(
  REPEAT_ROWS,
  ({ inputs, attrs, backend }) => {
    const { x } = inputs as { x: TensorInfo };
    const { outer, columns, shape, scale } = attrs;
    const repeated = output(backend, shape);
    const rows = shape.reduce((product, length) => product * length, 1) / outer / columns;
    const arranged = columnsOf(outer, rows, columns);
    const chunked = chunksToMap(arranged);
    dispatch(backend, program(arranged), {
      tensors: { x, repeated },
      uniforms: { ...placeUniforms(arranged, chunked), scale },
      workgroups: placeGrid(backend, arranged, chunked),
    });
    return repeated;
  },
);

function program(columns: Columns): Program {
  const element = elementOf(columns);
  return {
    name: REPEAT_ROWS,
    variant: columnsVariant(columns),
    bindings: { x: { access: 'read', element }, repeated: { access: 'read_write', element } },
    uniforms: { ...PLACE_UNIFORMS, scale: 'f32' },
    code: () => /* wgsl */ `
    ${placeCode(columns)}
    ${MAIN}
      if (!place.inside) { return; }
      let value = x[place.outer * uniforms.groups + place.group] * uniforms.scale;
      ${forRows(
        () => '',
        (i) => `repeated[at${i}] = value;`,
      )}
    }`,
  };
}
