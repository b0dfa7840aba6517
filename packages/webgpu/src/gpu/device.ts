// What a device can do, for kernels to choose by.

export interface Abilities {
  /** Half precision in shaders. */
  f16: boolean;
  subgroups: boolean;
  /** Matrix units that multiply 16 x 16 x 16 of f16 and add in f32. */
  subgroupMatrix: boolean;
  /** Storage buffers that one shader may bind. */
  storageBuffers: number;
}

const SUBGROUP_MATRIX = 'chromium-experimental-subgroup-matrix';

interface MatrixConfig {
  componentType: string;
  resultComponentType: string;
  M: number;
  N: number;
  K: number;
}

const known = new WeakMap<GPUDevice, Abilities>();

export function abilitiesOf(device: GPUDevice): Abilities {
  const abilities = known.get(device) ?? examine(device);
  known.set(device, abilities);
  return abilities;
}

function examine(device: GPUDevice): Abilities {
  const has = (feature: string) => device.features.has(feature as GPUFeatureName);
  const { subgroupMatrixConfigs = [] } = (device.adapterInfo ?? {}) as { subgroupMatrixConfigs?: MatrixConfig[] };
  const f16 = has('shader-f16');
  const fits = ({ componentType, resultComponentType, M, N, K }: MatrixConfig) =>
    componentType === 'f16' && resultComponentType === 'f32' && M === 16 && N === 16 && K === 16;
  return {
    f16,
    subgroups: has('subgroups'),
    subgroupMatrix: f16 && has(SUBGROUP_MATRIX) && subgroupMatrixConfigs.some(fits),
    storageBuffers: device.limits.maxStorageBuffersPerShaderStage,
  };
}
