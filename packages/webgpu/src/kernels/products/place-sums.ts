// For each place of a spectrum a sum of many terms, a workgroup for each place.
import type { Backend } from '../../gpu/backend.ts';
import { type DispatchOptions, dispatch } from '../../gpu/dispatch.ts';
import { gridOf } from '../../gpu/grid.ts';
import type { Binding, Program } from '../../gpu/program.ts';

const THREADS = 128;

export interface PlaceTerms {
  variant: string;
  bindings: Readonly<Record<string, Binding | 'read'>>;
  uniforms: readonly string[];
  /** `fn term(place: u32, i: u32) -> f32`, of which each place has `uniforms.terms`. */
  code: string;
}

/** Writes the sums of `places` to the tensor `each`, from `first` on. */
export function sumPlaces(
  backend: Backend,
  { variant, bindings, uniforms, code }: PlaceTerms,
  places: number,
  options: Pick<Required<DispatchOptions>, 'tensors' | 'uniforms'>,
): void {
  const program: Program = {
    name: 'StridelabPlaceSums',
    variant,
    bindings: { ...bindings, each: 'read_write' },
    uniforms: Object.fromEntries(['places', 'terms', 'first', ...uniforms].map((name) => [name, 'u32'] as const)),
    code: () => /* wgsl */ `
    ${code}
    var<workgroup> sums: array<f32, ${THREADS}>;
    @compute @workgroup_size(${THREADS})
    fn main(
      @builtin(workgroup_id) group: vec3u,
      @builtin(num_workgroups) groups: vec3u,
      @builtin(local_invocation_index) thread: u32,
    ) {
      let place = group.x + group.y * groups.x;
      let within = place < uniforms.places;
      var sum = 0.0;
      if (within) {
        for (var i = thread; i < uniforms.terms; i += ${THREADS}u) { sum += term(place, i); }
      }
      sums[thread] = sum;
      for (var reach = ${THREADS / 2}u; reach > 0u; reach /= 2u) {
        workgroupBarrier();
        if (thread < reach) { sums[thread] += sums[thread + reach]; }
      }
      if (thread == 0u && within) { each[uniforms.first + place] = sums[0]; }
    }`,
  };
  dispatch(backend, program, {
    tensors: options.tensors,
    uniforms: { ...options.uniforms, places },
    workgroups: gridOf(backend, places),
  });
}
