// A convolution and its gradients as products. Their operands are patches of images, which no memory ever holds.
import { infoOfGradient } from '@stridelab/registration';
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { groupOf, linear, linearCode, type Operand, type UniformValues } from '../../gemm/operand.ts';
import { denseOutput, type Epilogue, type Output } from '../../gemm/output.ts';
import { LARGEST_QUOTIENT, patches, type Window } from '../../gemm/patches.ts';
import type { Product } from '../../gemm/product.ts';
import { gridUniforms, phasesOf } from './phases.ts';

export interface ConvAttrs {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
  dataFormat?: 'NHWC' | 'NCHW';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  dilations?: [number, number] | number;
}

export type ConvInfo = ReturnType<typeof backend_util.computeConv2DInfo>;
type Shape4D = [number, number, number, number];

/** Undefined where these products do not apply. */
export function convInfo(x: number[], filter: number[], attrs: ConvAttrs): ConvInfo | undefined {
  return applicable(attrs, filter, () => infoOf(x, filter, attrs));
}

/** Of the gradients for x and for the filter. */
export function gradientInfo(dy: TensorInfo, x: number[], filter: number[], attrs: ConvAttrs): ConvInfo | undefined {
  return applicable(attrs, filter, () => infoOfGradient(dy, attrs, (told) => infoOf(x, filter, told)));
}

function infoOf(x: number[], filter: number[], { strides, dilations = 1, pad, dimRoundingMode }: ConvAttrs): ConvInfo {
  // Explicit padding is what the kernels are given too, whatever this function's type says.
  const explicit = pad as 'valid';
  return backend_util.computeConv2DInfo(x as Shape4D, filter as Shape4D, strides, dilations, explicit, dimRoundingMode);
}

function applicable({ dataFormat = 'NHWC' }: ConvAttrs, filter: number[], make: () => ConvInfo): ConvInfo | undefined {
  if (dataFormat !== 'NHWC') return undefined;
  const info = make();
  const lines = info.batchSize * Math.max(info.inHeight, info.outHeight);
  return lines <= LARGEST_QUOTIENT && filter[2] === info.inChannels ? info : undefined;
}

/** One pixel to one pixel: the images are the matrix. */
export function isPointwise(info: ConvInfo): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth, inHeight, inWidth, outHeight, outWidth } = info;
  const { top, left } = info.padInfo;
  const ones = [filterHeight, filterWidth, strideHeight, strideWidth].every((n) => n === 1);
  return ones && top === 0 && left === 0 && inHeight === outHeight && inWidth === outWidth;
}

const countOf = ({ batchSize, outHeight, outWidth }: ConvInfo) => batchSize * outHeight * outWidth;
const tapsOf = ({ filterHeight, filterWidth }: ConvInfo) => filterHeight * filterWidth;

/** x (pixels of the output, taps and channels) */
function patchesOf(info: ConvInfo, x: TensorInfo, pixels: 'inner' | 'outer'): Operand {
  const { inChannels, filterWidth, padInfo } = info;
  const pointwise = { tensor: x, contiguous: pixels === 'outer' ? 'inner' : 'outer', length: inChannels } as const;
  if (isPointwise(info)) return linear('A', pointwise);
  const window: Window = {
    ...{ channels: inChannels, height: 'uniforms.imageHeight', width: 'uniforms.imageWidth' },
    ...{ gridHeight: 'uniforms.gridHeight', perGridHeight: 'uniforms.perGridHeight' },
    ...{ gridWidth: 'uniforms.gridWidth', perGridWidth: 'uniforms.perGridWidth' },
    ...{ startY: 'uniforms.startY', startX: 'uniforms.startX', across: `${filterWidth}u` },
    ...{ strideY: info.strideHeight, strideX: info.strideWidth },
    ...{ stepY: info.dilationHeight, stepX: info.dilationWidth },
  };
  const uniforms: UniformValues = {
    ...{ imageHeight: ['u32', info.inHeight], imageWidth: ['u32', info.inWidth] },
    ...gridUniforms(info.outHeight, info.outWidth),
    ...{ startY: ['i32', -padInfo.top], startX: ['i32', -padInfo.left] },
  };
  return patches('A', { tensor: x, pixels, window, uniforms });
}

/** y (pixels, out) = patches of x (pixels, taps and in) * filter (taps and in, out) */
export function forward(name: string, info: ConvInfo, x: TensorInfo, filter: TensorInfo, epilogue?: Epilogue): Product {
  return {
    name,
    batch: 1,
    rows: countOf(info),
    columns: info.outChannels,
    inner: tapsOf(info) * info.inChannels,
    channels: info.inChannels,
    a: patchesOf(info, x, 'outer'),
    b: linear('B', { tensor: filter, contiguous: 'outer', length: info.outChannels }),
    output: denseOutput(info.outShape),
    epilogue,
  };
}

/** d filter (taps and in, out) = transposed patches of x (taps and in, pixels) * dy (pixels, out) */
export function backwardFilter(name: string, info: ConvInfo, x: TensorInfo, dy: TensorInfo): Product {
  return {
    name,
    batch: 1,
    rows: tapsOf(info) * info.inChannels,
    columns: info.outChannels,
    inner: countOf(info),
    a: patchesOf(info, x, 'inner'),
    b: linear('B', { tensor: dy, contiguous: 'outer', length: info.outChannels }),
    output: denseOutput(info.filterShape),
  };
}

/**
 * dx (pixels, in) = patches of dy (pixels, taps and out) * transposed filter (taps and out, in). With strides, pixels of one
 * residue meet the taps of one residue: a product for each, so that no zeros are multiplied.
 */
export function backwardInput(name: string, info: ConvInfo, dy: TensorInfo, filter: TensorInfo): Product {
  const { batchSize, inHeight, inWidth, inChannels, outChannels, filterWidth, padInfo } = info;
  const { strideHeight, strideWidth } = info;
  const up = (n: number, stride: number) => Math.ceil(n / stride);
  const common = {
    name,
    batch: strideHeight * strideWidth,
    rows: batchSize * up(inHeight, strideHeight) * up(inWidth, strideWidth),
    columns: inChannels,
    inner: up(info.filterHeight, strideHeight) * up(filterWidth, strideWidth) * outChannels,
    channels: outChannels,
  };
  if (isPointwise(info)) {
    const a = linear('A', { tensor: dy, contiguous: 'inner', length: outChannels });
    const b = linear('B', { tensor: filter, contiguous: 'inner', length: outChannels });
    return { ...common, a, b, output: denseOutput(info.inShape) };
  }
  const phases = phasesOf(info);
  const window: Window = {
    ...{ channels: outChannels, height: 'uniforms.imageHeight', width: 'uniforms.imageWidth' },
    // With strides there is no dilation: tf.conv2d refuses both together.
    ...{ strideY: 1, strideX: 1, stepY: -info.dilationHeight, stepX: -info.dilationWidth },
    ...phases.window,
  };
  const uniforms: UniformValues = {
    ...{ imageHeight: ['u32', info.outHeight], imageWidth: ['u32', info.outWidth] },
    ...gridUniforms(inHeight, inWidth),
    ...{ startY: ['i32', padInfo.top], startX: ['i32', padInfo.left] },
  };
  const tapAt = /* wgsl */ `
fn tapAt(k: u32) -> u32 {
  let place = k / ${outChannels}u;
  let line = place / ${phases.window.across};
  let y = line * ${strideHeight}u + ${phases.firstTapY};
  let x = (place - line * ${phases.window.across}) * ${strideWidth}u + ${phases.firstTapX};
  return (y * ${filterWidth}u + x) * uniforms.columns * ${outChannels}u + k - place * ${outChannels}u;
}`;
  const b: Operand = {
    tensor: filter,
    contiguous: 'inner',
    group: groupOf(outChannels),
    key: `taps ${outChannels} ${filterWidth} ${phases.key}`,
    uniforms: {},
    code: tapAt + linearCode('B', `i * ${outChannels}u`, 'tapAt(k)'),
  };
  const output: Output = phases.output ?? denseOutput(info.inShape);
  return {
    ...common,
    a: patches('A', { tensor: dy, pixels: 'outer', window, uniforms }),
    b,
    output,
    extent: phases.extent,
  };
}
