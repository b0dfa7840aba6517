// The second of the three dispatches of batch normalization: what the workgroups of the first have found of each channel
// becomes one. The third needs it everywhere, and workgroups cannot wait for each other.
import type { Backend } from '../../gpu/backend.ts';
import { gridOf } from '../../gpu/grid.ts';
import { THREADS } from '../columns/columns.ts';

/** To be tuned on the chip: channels of a workgroup, whose other threads take further parts of them. */
const CHANNELS = 8;

export const finishGrid = (backend: Backend, channels: number) => gridOf(backend, Math.ceil(channels / CHANNELS));

/**
 * `main`, in which `merge(a, b)` of two values of type `Part` makes one of the two, `partOf(chunk, channel)` is what a
 * workgroup has found, and `write(channel, whole)` has the result. Uniforms: chunks, channels.
 */
export function finishCode(empty: string): string {
  return /* wgsl */ `
    const CHANNELS = ${CHANNELS}u;
    const LANES = ${THREADS / CHANNELS}u;
    var<workgroup> parts: array<Part, ${THREADS}>;
    @compute @workgroup_size(${THREADS})
    fn main(
      @builtin(workgroup_id) workgroup: vec3u,
      @builtin(num_workgroups) workgroups: vec3u,
      @builtin(local_invocation_index) thread: u32,
    ) {
      let channel = (workgroup.x + workgroup.y * workgroups.x) * CHANNELS + thread % CHANNELS;
      let lane = thread / CHANNELS;
      let inside = channel < uniforms.channels;
      var part = ${empty};
      if (inside) {
        for (var chunk = lane; chunk < uniforms.chunks; chunk += LANES) { part = merge(part, partOf(chunk, channel)); }
      }
      parts[thread] = part;
      for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (lane < half) { parts[thread] = merge(parts[thread], parts[thread + half * CHANNELS]); }
      }
      if (inside && lane == 0u) { write(channel, parts[thread]); }
    }`;
}
