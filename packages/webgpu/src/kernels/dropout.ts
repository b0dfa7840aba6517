// Values of a tensor set to zero at random.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { dispatch, output } from '../gpu/dispatch.ts';
import { gridOf } from '../gpu/grid.ts';
import type { Program } from '../gpu/program.ts';
import { checkInputs } from './checks.ts';
import { trainingKernel } from './kernel.ts';

const NAME = 'StridelabDropout';

const THREADS = 256;

interface Attrs {
  threshold: number;
  scale: number;
}

/** x, draw (2) -> y as x: its values times `scale`, or times 0 where the number drawn for their place is below `threshold`. */
export const dropout = trainingKernel<Attrs>(NAME, ({ inputs, attrs, backend }) => {
  const { x, draw } = inputs as Record<'x' | 'draw', TensorInfo>;
  checkInputs(NAME, inputs, { x: x?.shape ?? [], draw: [2] });
  const y = output(backend, x.shape);
  const numbers = util.sizeFromShape(x.shape);
  if (numbers === 0) return y;
  const width = numbers % 4 === 0 ? 4 : 1;
  const size = numbers / width;
  dispatch(backend, programOf(width), {
    tensors: { x, draw, y },
    uniforms: { size, threshold: attrs.threshold, scale: attrs.scale },
    workgroups: gridOf(backend, Math.ceil(size / THREADS)),
  });
  return y;
});

/** It draws as draws.ts of `@stridelab/train-ops` does. */
function programOf(width: 1 | 4): Program {
  const [floats, words] = width === 4 ? ['vec4f', 'vec4u'] : ['f32', 'u32'];
  return {
    name: NAME,
    variant: `${width}`,
    bindings: {
      x: { access: 'read', element: floats },
      draw: 'read',
      y: { access: 'read_write', element: floats },
    },
    uniforms: { size: 'u32', threshold: 'u32', scale: 'f32' },
    code: () => /* wgsl */ `
    const FACTOR = 1664525u;
    fn mixed(word: ${words}) -> ${words} { return word ^ (word >> ${words}(16u)); }
    @compute @workgroup_size(${THREADS})
    fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
      let i = id.x + id.y * workgroups.x * ${THREADS};
      if (i >= uniforms.size) { return; }
      let a = ${words}((2u * u32(draw[1]) + 1u) * FACTOR);
      let b = ${words}((2u * u32(draw[0]) + 1u) * FACTOR);
      let first = (${width === 4 ? '4u * i + vec4u(0u, 1u, 2u, 3u)' : 'i'}) * FACTOR + 1013904223u + a * b;
      let second = a + b * first;
      let third = mixed(b + first * second);
      let drawn = mixed(first) + mixed(second) * third;
      y[i] = x[i] * select(${floats}(uniforms.scale), ${floats}(), drawn < ${words}(uniforms.threshold));
    }`,
  };
}
