// The largest magnitude of a tensor found by the kernel that writes it, which has every number at hand: nobody has to read
// the tensor once more to look for it. One dispatch clears the places, a later one takes the maximum.
import type { Binding, Program } from '../gpu/program.ts';
import { FINITE, PARTIALS } from './scale-code.ts';

/** Both dispatches have such a uniform. */
export const LEFT_UNIFORMS = { place: 'u32' } as const;

/** Of the dispatch that clears, whose first workgroup has at least so many threads as there are places. */
export const CLEARED: Program['bindings'] = { scales: { access: 'read_write', element: 'u32' } };
/** A statement. It reads `workgroup` and `thread`. */
export const CLEAR = /* wgsl */ `
      if (workgroup.x + workgroup.y == 0u && thread < ${PARTIALS}u) {
        scales[uniforms.place * ${PARTIALS}u + thread] = 0u;
      }`;

/** Of the dispatch that writes the tensor. */
export const LEFT: Readonly<Record<'scales', Binding>> = {
  scales: { access: 'read_write', element: 'atomic<u32>' },
};
export const LEAVING_CODE = /* wgsl */ `
    var<workgroup> most: atomic<u32>;
    ${FINITE}`;
/** The larger of the bits `largest` and those of a value's magnitude; four at a time, or one. */
export function largerOf(width: 1 | 4, largest: string, value: string): string {
  if (width === 1) return `max(${largest}, finite(bitcast<u32>(${value})))`;
  const each = ['x', 'y', 'z', 'w'].map((axis) => `finite(bitcast<u32>(${value}.${axis}))`);
  return `max(max(${largest}, max(${each[0]}, ${each[1]})), max(${each[2]}, ${each[3]}))`;
}
/** Of a dispatch of a few workgroups, each of which has a part of its own. It needs {@link LEAVING_CODE}, and no clearing. */
export const LEFT_PARTS: Readonly<Record<'scales', Binding>> = { scales: { access: 'read_write', element: 'u32' } };
/** As {@link LEAVE}. Parts come in fours, of which the last workgroup fills up what is missing. */
export const LEAVE_PARTS = /* wgsl */ `
      if (thread == 0u) { atomicStore(&most, 0u); }
      workgroupBarrier();
      atomicMax(&most, largest);
      workgroupBarrier();
      let number = workgroup.x + workgroup.y * workgroups.x;
      let isLast = number + 1u == workgroups.x * workgroups.y;
      if (thread == 0u || (isLast && (number + thread) / 4u == number / 4u)) {
        scales[uniforms.place * ${PARTIALS}u + number + thread] = select(0u, atomicLoad(&most), thread == 0u);
      }`;

/** Statements for all threads of a workgroup, each of which has `largest`. They read `workgroup` and `workgroups`. */
export const LEAVE = /* wgsl */ `
      if (thread == 0u) { atomicStore(&most, 0u); }
      workgroupBarrier();
      atomicMax(&most, largest);
      workgroupBarrier();
      if (thread == 0u) {
        let number = workgroup.x + workgroup.y * workgroups.x;
        atomicMax(&scales[uniforms.place * ${PARTIALS}u + number % ${PARTIALS}u], atomicLoad(&most));
      }`;
