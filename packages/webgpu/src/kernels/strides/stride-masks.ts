// The masks of all sides from strides that only the device knows, which @stridelab/diffstride names: TF.js takes 25 operations
// on a few numbers each for every side.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch, output } from '../../gpu/dispatch.ts';
import type { Program, UniformType } from '../../gpu/program.ts';
import { checkInputs } from '../checks.ts';
import { trainingKernel } from '../kernel.ts';

const NAME = 'StridelabStrideMasks';
const THREADS = 64;

/** As diffstride's `MaskRule` says. */
type Attrs = Record<'index' | 'size' | 'least' | 'offset', number[]> &
  Record<'lowerLimit' | 'upperLimit' | 'smoothness', number>;

/** The variables of one side have its number behind their names. */
function programOf(sides: number): Program {
  const all = Array.from({ length: sides }, (_, side) => side);
  const perSide = all.flatMap((side): [string, UniformType][] => [
    [`bins${side}`, 'u32'],
    [`index${side}`, 'u32'],
    ...['size', 'least', 'offset'].map((name): [string, UniformType] => [`${name}${side}`, 'f32']),
  ]);
  return {
    name: NAME,
    variant: `${sides}`,
    bindings: {
      strides: 'read',
      ...Object.fromEntries(all.map((side) => [`positions${side}`, 'read'] as const)),
      ...Object.fromEntries(
        all.flatMap((side) => ['weights', 'slopes'].map((name) => [`${name}${side}`, 'read_write'] as const)),
      ),
    },
    uniforms: { lowerLimit: 'f32', upperLimit: 'f32', smoothness: 'f32', ...Object.fromEntries(perSide) },
    code: () => /* wgsl */ `
    // Slope of max(x, 0), one half at the corner.
    fn kink(x: f32) -> f32 { return clamp(x * 1e4 + 0.5, 0.0, 1.0); }

    // Weight and slope.
    fn masked(stride: f32, size: f32, least: f32, offset: f32, position: f32) -> vec2f {
      let raised = max(stride, least);
      let used = min(max(raised, uniforms.lowerLimit), uniforms.upperLimit);
      let half = size / 2.0 / used;
      let t = max(half, 1.0) + offset;
      let ramp = (t + uniforms.smoothness - position) / uniforms.smoothness;
      let edge = kink(ramp) * kink(1.0 - ramp) * kink(half - 1.0) * select(0.0, 1.0, raised == used);
      return vec2f(clamp(ramp, 0.0, 1.0), half / used / -uniforms.smoothness * edge);
    }

    @compute @workgroup_size(${THREADS})
    fn main(@builtin(global_invocation_id) id: vec3u) {
      let bin = id.x;
      ${all.map(sideCode).join('\n      ')}
    }`,
  };
}

const sideCode = (side: number) => /* wgsl */ `if (bin < uniforms.bins${side}) {
        let both = masked(
          strides[uniforms.index${side}],
          uniforms.size${side},
          uniforms.least${side},
          uniforms.offset${side},
          positions${side}[bin],
        );
        weights${side}[bin] = both.x;
        slopes${side}[bin] = both.y;
      }`;

/** weights (bins) and slopes (bins), d weight / d stride, of the first side, then of the next. */
export const strideMasks = trainingKernel<Attrs, TensorInfo[]>(NAME, ({ inputs, attrs, backend }) => {
  const { lowerLimit, upperLimit, smoothness, ...ofSides } = attrs;
  const strides = inputs.strides as TensorInfo;
  const tensors: Record<string, TensorInfo> = { strides };
  const uniforms: Record<string, number> = { lowerLimit, upperLimit, smoothness };
  const lengths = ofSides.index.map((_, side) => inputs[`positions${side}`]?.shape[0] ?? 0);
  checkInputs(NAME, inputs, {
    strides: strides?.shape ?? [],
    ...Object.fromEntries(lengths.map((bins, side) => [`positions${side}`, [bins]])),
  });
  const results = lengths.flatMap((bins, side) => {
    for (const [name, list] of Object.entries(ofSides)) uniforms[`${name}${side}`] = list[side]!;
    uniforms[`bins${side}`] = bins;
    tensors[`positions${side}`] = inputs[`positions${side}`] as TensorInfo;
    return ['weights', 'slopes'].map((name) => {
      tensors[`${name}${side}`] = output(backend, [bins]);
      return tensors[`${name}${side}`]!;
    });
  });
  dispatch(backend, programOf(lengths.length), {
    tensors,
    uniforms,
    workgroups: [Math.ceil(Math.max(...lengths) / THREADS), 1, 1],
  });
  return results;
});
