// The mask of a side from strides that only the device knows, which @stridelab/diffstride names: TF.js takes 25 operations
// on a few numbers each.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch, output } from '../gpu/dispatch.ts';
import type { Program } from '../gpu/program.ts';
import { checkInputs } from './checks.ts';
import { trainingKernel } from './kernel.ts';

const NAME = 'StridelabStrideMask';
const THREADS = 64;

/** As diffstride's `SideRule` says. */
type Attrs = Record<'index' | 'size' | 'least' | 'lowerLimit' | 'upperLimit' | 'smoothness' | 'offset', number>;

const program: Program = {
  name: NAME,
  bindings: { strides: 'read', positions: 'read', weights: 'read_write', slopes: 'read_write' },
  uniforms: {
    bins: 'u32',
    index: 'u32',
    ...{ size: 'f32', least: 'f32', lowerLimit: 'f32', upperLimit: 'f32', smoothness: 'f32', offset: 'f32' },
  },
  code: () => /* wgsl */ `
    // Slope of max(x, 0), one half at the corner.
    fn kink(x: f32) -> f32 { return clamp(x * 1e4 + 0.5, 0.0, 1.0); }

    @compute @workgroup_size(${THREADS})
    fn main(@builtin(global_invocation_id) id: vec3u) {
      let bin = id.x;
      if (bin >= uniforms.bins) { return; }
      let raised = max(strides[uniforms.index], uniforms.least);
      let used = min(max(raised, uniforms.lowerLimit), uniforms.upperLimit);
      let half = uniforms.size / 2.0 / used;
      let t = max(half, 1.0) + uniforms.offset;
      let ramp = (t + uniforms.smoothness - positions[bin]) / uniforms.smoothness;
      let edge = kink(ramp) * kink(1.0 - ramp) * kink(half - 1.0) * select(0.0, 1.0, raised == used);
      weights[bin] = clamp(ramp, 0.0, 1.0);
      slopes[bin] = half / used / -uniforms.smoothness * edge;
    }`,
};

/** weights (bins) and slopes (bins), d weight / d stride. */
export const strideMask = trainingKernel<Attrs, TensorInfo[]>(NAME, ({ inputs, attrs, backend }) => {
  const { strides, positions } = inputs as Record<'strides' | 'positions', TensorInfo>;
  const bins = positions.shape[0]!;
  checkInputs(NAME, inputs, { strides: strides.shape, positions: [bins] });
  const [weights, slopes] = [output(backend, [bins]), output(backend, [bins])];
  dispatch(backend, program, {
    tensors: { strides, positions, weights, slopes },
    uniforms: { bins, ...attrs },
    workgroups: [Math.ceil(bins / THREADS), 1, 1],
  });
  return [weights, slopes];
});
