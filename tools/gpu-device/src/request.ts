// An adapter and a device with everything that training gains from, as far as it is there.

/** What is asked for where an adapter has it; what is least sure to be had comes last. */
export const TRAINING_FEATURES = [
  'timestamp-query',
  'shader-f16',
  'subgroups',
  'subgroup-size-control',
  'chromium-experimental-subgroup-matrix',
] as readonly GPUFeatureName[];

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxBindingsPerBindGroup',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** The GPU that computes best; with `software`, one that the processor draws, if there is such a one. */
export async function requestAdapter(gpu: GPU, software: boolean): Promise<GPUAdapter | null> {
  const drawn = software ? await gpu.requestAdapter({ forceFallbackAdapter: true }) : null;
  return drawn ?? (await gpu.requestAdapter({ powerPreference: 'high-performance' }));
}

/** The largest limits; and all features, or where they cannot be had together, as many as can from the first on. */
export async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const features = TRAINING_FEATURES.filter((feature) => adapter.features.has(feature));
  const known = LIMITS.filter((name) => adapter.limits[name] !== undefined);
  const requiredLimits = Object.fromEntries(known.map((name) => [name, adapter.limits[name]]));
  for (;;) {
    try {
      return withInfo(await adapter.requestDevice({ requiredFeatures: features, requiredLimits }), adapter);
    } catch (error) {
      if (!features.pop()) throw error;
    }
  }
}

/** The device with all that its adapter says of itself: Dawn's device leaves out which sizes its matrix units have. */
export function withInfo(device: GPUDevice, { info }: GPUAdapter): GPUDevice {
  if (info) Object.defineProperty(device, 'adapterInfo', { value: info, configurable: true });
  return device;
}
