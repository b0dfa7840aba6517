// What each place of a spectrum says about the strides, summed, which @stridelab/diffstride names.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch, output } from '../../gpu/dispatch.ts';
import type { Binding, Program } from '../../gpu/program.ts';
import { checkInputs } from '../checks.ts';
import { trainingKernel } from '../kernel.ts';

const NAME = 'StridelabSlopeSums';
/** One workgroup sums all of a few hundred places, in the same order every time. */
const THREADS = 256;

/** Variables that end in 0 are the rows', those in 1 the columns'. */
function programOf(sides: number): Program {
  const ints: Binding = { access: 'read', element: 'i32' };
  return {
    name: NAME,
    variant: `${sides}`,
    bindings: {
      ...{ products: 'read', bins0: ints, slopes0: 'read' },
      ...(sides === 2 && { weights0: 'read', bins1: ints, weights1: 'read', slopes1: 'read' }),
      sums: 'read_write',
    },
    uniforms: { places: 'u32', columns: 'u32' },
    code: () => /* wgsl */ `
    fn shareOf(place: u32) -> vec2f {
      let row = bins0[place / uniforms.columns];
      ${
        sides === 2
          ? `let column = bins1[place % uniforms.columns];
      return products[place] * vec2f(slopes0[row] * weights1[column], weights0[row] * slopes1[column]);`
          : 'return vec2f(products[place] * slopes0[row], 0.0);'
      }
    }

    var<workgroup> shares: array<vec2f, ${THREADS}>;
    @compute @workgroup_size(${THREADS})
    fn main(@builtin(local_invocation_index) thread: u32) {
      var share = vec2f();
      for (var place = thread; place < uniforms.places; place += ${THREADS}u) { share += shareOf(place); }
      shares[thread] = share;
      for (var reach = ${THREADS / 2}u; reach > 0u; reach /= 2u) {
        workgroupBarrier();
        if (thread < reach) { shares[thread] += shares[thread + reach]; }
      }
      if (thread < ${sides}u) { sums[thread] = shares[0][thread]; }
    }`,
  };
}

/** products (rows * columns) and each side's bins, weights and slopes -> (sides). */
export const slopeSums = trainingKernel(NAME, ({ inputs, backend }) => {
  const sides = inputs.bins1 ? 2 : 1;
  const [rows, columns] = [inputs.bins0!.shape[0]!, inputs.bins1?.shape[0] ?? 1];
  const expected: Record<string, number[]> = { products: [rows * columns] };
  for (let side = 0; side < sides; side++) {
    for (const name of ['weights', 'slopes']) expected[`${name}${side}`] = inputs[`weights${side}`]?.shape ?? [];
  }
  checkInputs(NAME, inputs, expected);
  checkInputs(NAME, inputs, { bins0: [rows], ...(sides === 2 && { bins1: [columns] }) }, 'int32');
  const sums = output(backend, [sides]);
  dispatch(backend, programOf(sides), {
    tensors: { ...(inputs as Record<string, TensorInfo>), sums },
    uniforms: { places: rows * columns, columns },
    workgroups: [1, 1, 1],
  });
  return sums;
});
