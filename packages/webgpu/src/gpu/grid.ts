import type { Backend } from './backend.ts';
import type { Workgroups } from './dispatch.ts';

/**
 * At least `count` workgroups, in two dimensions where one is too short. The shader counts its place as
 * `workgroup_id.x + workgroup_id.y * num_workgroups.x`, and leaves those beyond the end alone.
 */
export function gridOf({ device }: Backend, count: number): Workgroups {
  const most = device.limits.maxComputeWorkgroupsPerDimension;
  if (count <= most) return [count, 1, 1];
  const rows = Math.ceil(count / most);
  return [Math.ceil(count / rows), rows, 1];
}
