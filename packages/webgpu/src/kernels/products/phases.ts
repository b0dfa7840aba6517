// The gradient of a convolution with strides (s, t) is s * t convolutions without, each of the pixels of one residue: pixel
// s q + r meets the taps k0 + s j with k0 = (r + padding) mod s, and of dy the pixel q + (r + padding - k0) / s - j.
import type { Part, UniformValues } from '../../gemm/operand.ts';
import type { Output } from '../../gemm/output.ts';
import type { Window } from '../../gemm/patches.ts';
import type { ConvInfo } from './convolution.ts';

export interface Phases {
  key: string;
  /** What the patches of dy depend on. */
  window: Pick<Window, 'gridHeight' | 'gridWidth' | 'perGridHeight' | 'perGridWidth' | 'startY' | 'startX' | 'across'>;
  /** First of the filter's taps. */
  firstTapY: string;
  firstTapX: string;
  extent?: Part;
  /** Absent where the pixels lie one after the other. */
  output?: Output;
}

/** A grid of pixels, with reciprocals to divide by. */
export function gridUniforms(height: number, width: number): UniformValues {
  return {
    ...{ gridHeight: ['u32', height], gridWidth: ['u32', width] },
    ...{ perGridHeight: ['f32', 1 / Math.max(height, 1)], perGridWidth: ['f32', 1 / Math.max(width, 1)] },
  };
}

export function phasesOf(info: ConvInfo): Phases {
  const { strideHeight: s, strideWidth: t, filterHeight, filterWidth, outChannels } = info;
  if (s === 1 && t === 1) {
    return {
      key: '1',
      window: {
        ...{ gridHeight: 'uniforms.gridHeight', perGridHeight: 'uniforms.perGridHeight' },
        ...{ gridWidth: 'uniforms.gridWidth', perGridWidth: 'uniforms.perGridWidth' },
        ...{ startY: 'uniforms.startY', startX: 'uniforms.startX', across: `${filterWidth}u` },
      },
      firstTapY: '0u',
      firstTapX: '0u',
    };
  }
  const key = `phases ${s} ${t} ${filterHeight} ${filterWidth} ${outChannels}`;
  const code = /* wgsl */ `
struct Phase { residue: u32, firstTap: u32, taps: u32, pixels: u32, perPixels: f32, start: i32 }
var<private> phaseY: Phase;
var<private> phaseX: Phase;
fn phaseOf(residue: u32, padding: u32, stride: u32, filterSize: u32, size: u32) -> Phase {
  let firstTap = (residue + padding) % stride;
  let taps = (max(filterSize, firstTap) - firstTap + stride - 1u) / stride;
  let pixels = (size + stride - 1u - residue) / stride;
  let start = i32((residue + padding - firstTap) / stride);
  return Phase(residue, firstTap, taps, pixels, 1.0 / f32(max(pixels, 1u)), start);
}
fn extentOf(matrix: u32) -> vec2u {
  let y = phaseOf(matrix / ${t}u, u32(uniforms.startY), ${s}u, ${filterHeight}u, uniforms.gridHeight);
  let x = phaseOf(matrix % ${t}u, u32(uniforms.startX), ${t}u, ${filterWidth}u, uniforms.gridWidth);
  phaseY = y;
  phaseX = x;
  return vec2u(uniforms.images * y.pixels * x.pixels, y.taps * x.taps * ${outChannels}u);
}`;
  return {
    key,
    window: {
      ...{ gridHeight: 'phaseY.pixels', perGridHeight: 'phaseY.perPixels' },
      ...{ gridWidth: 'phaseX.pixels', perGridWidth: 'phaseX.perPixels' },
      ...{ startY: 'phaseY.start', startX: 'phaseX.start', across: 'max(phaseX.taps, 1u)' },
    },
    firstTapY: 'phaseY.firstTap',
    firstTapX: 'phaseX.firstTap',
    extent: { key, uniforms: { images: ['u32', info.batchSize] }, code },
    output: {
      shape: info.inShape,
      dense: false,
      key,
      uniforms: {},
      code: /* wgsl */ `
fn rowStart(row: u32) -> u32 {
  let line = divided(row, phaseX.pixels, phaseX.perPixels);
  let image = dividedSmall(line, phaseY.pixels, phaseY.perPixels);
  let y = (line - image * phaseY.pixels) * ${s}u + phaseY.residue;
  let x = (row - line * phaseX.pixels) * ${t}u + phaseX.residue;
  return ((image * uniforms.gridHeight + y) * uniforms.gridWidth + x) * uniforms.columns;
}`,
    },
  };
}
