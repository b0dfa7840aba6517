// The second of the three dispatches of batch normalization: what the workgroups of the first have found of each channel
// becomes one. The third needs it everywhere, and workgroups cannot wait for each other.
import type { Backend } from '../../gpu/backend.ts';
import { gridOf } from '../../gpu/grid.ts';
import { THREADS } from '../columns/columns.ts';

/** To be tuned on the chip. */
export const FINISH_TUNING = {
  /** Channels of a workgroup, whose other threads take further parts of them. */
  channels: 8,
  /** Parts that a thread fetches before it uses the first. */
  unroll: 4,
};

export const finishGrid = (backend: Backend, channels: number) =>
  gridOf(backend, Math.ceil(channels / FINISH_TUNING.channels));

/**
 * `main`, in which `merge(a, b)` of two values of type `Part` makes one of the two, `partOf(chunk, channel)` is what a
 * workgroup has found, and `write(channel, whole)` has the result; `first` are statements ahead. Uniforms: chunks, channels.
 */
export function finishCode(empty: string, first = ''): string {
  const { channels, unroll } = FINISH_TUNING;
  const parts = Array.from({ length: unroll }, (_, i) => i);
  return /* wgsl */ `
    const CHANNELS = ${channels}u;
    const LANES = ${THREADS / channels}u;
    var<workgroup> parts: array<Part, ${THREADS}>;
    @compute @workgroup_size(${THREADS})
    fn main(
      @builtin(workgroup_id) workgroup: vec3u,
      @builtin(num_workgroups) workgroups: vec3u,
      @builtin(local_invocation_index) thread: u32,
    ) {${first}
      let channel = (workgroup.x + workgroup.y * workgroups.x) * CHANNELS + thread % CHANNELS;
      let lane = thread / CHANNELS;
      let inside = channel < uniforms.channels;
      var part = ${empty};
      if (inside) {
        var chunk = lane;
        for (; chunk + ${unroll - 1}u * LANES < uniforms.chunks; chunk += ${unroll}u * LANES) {
          ${parts.map((i) => `let part${i} = partOf(chunk + ${i}u * LANES, channel);`).join(' ')}
          ${parts.map((i) => `part = merge(part, part${i});`).join(' ')}
        }
        for (; chunk < uniforms.chunks; chunk += LANES) { part = merge(part, partOf(chunk, channel)); }
      }
      parts[thread] = part;
      for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (lane < half) { parts[thread] = merge(parts[thread], parts[thread + half * CHANNELS]); }
      }
      if (inside && lane == 0u) { write(channel, parts[thread]); }
    }`;
}
