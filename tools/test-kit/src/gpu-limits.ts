/** What tests ask of a GPU: the limits that tfjs-backend-webgpu asks a browser for, and what shaders of ours may use. */
export function gpuLimits({ limits }: GPUAdapter): Record<string, number> {
  const { maxComputeWorkgroupStorageSize, maxComputeWorkgroupsPerDimension, maxStorageBufferBindingSize } = limits;
  const { maxBufferSize, maxComputeWorkgroupSizeX, maxComputeInvocationsPerWorkgroup } = limits;
  return {
    maxComputeWorkgroupStorageSize,
    maxComputeWorkgroupsPerDimension,
    maxStorageBufferBindingSize,
    maxBufferSize,
    maxComputeWorkgroupSizeX,
    maxComputeInvocationsPerWorkgroup,
  };
}
