// Gradients of tf.maxPool and tf.avgPool: every pixel of the input gathers from the windows that it lies in. TF.js's own try
// every offset of the window for each number; the one for maxima looks for all positions first.
import { AvgPoolGrad, backend_util, MaxPoolGrad, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { dispatch, output } from '../../gpu/dispatch.ts';
import { gridOf } from '../../gpu/grid.ts';
import type { Program } from '../../gpu/program.ts';
import { type KernelCall, trainingKernel } from '../kernel.ts';

interface Attrs {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

const THREADS = 256;

/** dX[pixel] = sum of dY over the windows whose first largest value is that pixel. Shapes as x (batch, h, w, channels). */
export const maxPoolGrad = trainingKernel<Attrs>(MaxPoolGrad, (call) => poolGrad(call, 'max'));

/**
 * dX[pixel] = sum over the windows on it of dY / (window height * window width).
 * At a padded border this is what every backend of TF.js says, although its forward pass leaves the padding uncounted.
 */
export const avgPoolGrad = trainingKernel<Attrs>(AvgPoolGrad, (call) => poolGrad(call, 'avg'));

function poolGrad(call: KernelCall<Attrs>, kind: 'max' | 'avg'): TensorInfo {
  const { inputs, attrs, backend } = call;
  const { dy, input, output: pooled } = inputs as Record<string, TensorInfo>;
  if (input!.dtype !== 'float32' || input!.shape.length !== 4) return call.original();
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const shape = input!.shape as [number, number, number, number];
  const info = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  if (util.sizeFromShape(dy!.shape) === 0) return call.original();
  const dx = output(backend, shape);
  const width = info.inChannels % 4 === 0 ? 4 : 1;
  const { inHeight, inWidth, filterHeight, filterWidth, strideHeight, strideWidth } = info;
  // Not of `info`: the gradient of tf.maxPool forgets how sizes were rounded.
  const [, outHeight, outWidth] = dy!.shape as [number, number, number, number];
  const size = util.sizeFromShape(shape) / width;
  dispatch(backend, kind === 'max' ? maxProgram(width) : avgProgram(width), {
    tensors: { dy: dy!, dx, ...(kind === 'max' && { x: input!, pooled: pooled! }) },
    uniforms: {
      ...{ size, groups: info.inChannels / width, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth },
      ...{ strideHeight, strideWidth, padTop: info.padInfo.top, padLeft: info.padInfo.left },
    },
    workgroups: gridOf(backend, Math.ceil(size / THREADS)),
  });
  return dx;
}

/** A thread has one pixel, and of it one channel or four. `each` is done for every window at `row`, `column` that it is in. */
function poolProgram(kind: 'Max' | 'Avg', width: 1 | 4, parts: Record<'start' | 'each' | 'end', string>): Program {
  const element = width === 4 ? 'vec4f' : 'f32';
  const read = { access: 'read', element } as const;
  return {
    name: `Stridelab${kind}PoolGrad`,
    variant: `${width}`,
    bindings: { dy: read, ...(kind === 'Max' && { x: read, pooled: read }), dx: { access: 'read_write', element } },
    uniforms: {
      ...{ size: 'u32', groups: 'i32', inHeight: 'i32', inWidth: 'i32', outHeight: 'i32', outWidth: 'i32' },
      ...{
        filterHeight: 'i32',
        filterWidth: 'i32',
        strideHeight: 'i32',
        strideWidth: 'i32',
        padTop: 'i32',
        padLeft: 'i32',
      },
    },
    code: () => /* wgsl */ `
    alias Value = ${element};
    alias Flags = ${width === 4 ? 'vec4<bool>' : 'bool'};
    // Below every float32 but minus infinity, which is never a maximum.
    const LOWEST = -3.4028234e38;

    /** The first and the last window along an axis that cover a place. */
    fn windows(place: i32, pad: i32, filterSize: i32, stride: i32, count: i32) -> vec2i {
      let last = place + pad;
      let first = last - filterSize + 1;
      return vec2i(select(0, (first + stride - 1) / stride, first > 0), min(last / stride, count - 1));
    }

    @compute @workgroup_size(${THREADS})
    fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
      let at = id.x + id.y * workgroups.x * ${THREADS};
      if (at >= uniforms.size) { return; }
      let group = i32(at) % uniforms.groups;
      let pixel = i32(at) / uniforms.groups;
      let inColumn = pixel % uniforms.inWidth;
      let inRow = pixel / uniforms.inWidth % uniforms.inHeight;
      let image = pixel / uniforms.inWidth / uniforms.inHeight;
      let rows = windows(inRow, uniforms.padTop, uniforms.filterHeight, uniforms.strideHeight, uniforms.outHeight);
      let columns = windows(inColumn, uniforms.padLeft, uniforms.filterWidth, uniforms.strideWidth, uniforms.outWidth);
      var total = Value();
      ${parts.start}
      for (var row = rows.x; row <= rows.y; row++) {
        for (var column = columns.x; column <= columns.y; column++) {
          let window = ((image * uniforms.outHeight + row) * uniforms.outWidth + column) * uniforms.groups + group;
          ${parts.each}
        }
      }
      dx[at] = ${parts.end};
    }`,
  };
}

function avgProgram(width: 1 | 4): Program {
  return poolProgram('Avg', width, {
    start: '',
    each: 'total += dy[window];',
    end: 'total / f32(uniforms.filterHeight * uniforms.filterWidth)',
  });
}

/** A pixel is the first largest of a window if it has its maximum and none before it, from left to right and down, has it. */
function maxProgram(width: 1 | 4): Program {
  // WGSL has any() of a single bool; Chrome 143 makes invalid SPIR-V of it.
  const anyIsFirst = width === 4 ? 'any(isFirst)' : 'isFirst';
  return poolProgram('Max', width, {
    start: 'let value = x[at];',
    each: /* wgsl */ `
          let top = max(row * uniforms.strideHeight - uniforms.padTop, 0);
          let left = max(column * uniforms.strideWidth - uniforms.padLeft, 0);
          let right = min(column * uniforms.strideWidth - uniforms.padLeft + uniforms.filterWidth, uniforms.inWidth);
          let largest = pooled[window];
          var isFirst: Flags = (value == largest) & (value >= Value(LOWEST));
          for (var r = top; r <= inRow && ${anyIsFirst}; r++) {
            let end = select(right, inColumn, r == inRow);
            for (var c = left; c < end && ${anyIsFirst}; c++) {
              let before = ((image * uniforms.inHeight + r) * uniforms.inWidth + c) * uniforms.groups + group;
              // Of what is no number both == and != may be false.
              isFirst = isFirst & !(x[before] == largest);
            }
          }
          total += select(Value(), dy[window], isFirst);`,
    end: 'total',
  });
}
