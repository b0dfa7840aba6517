// What a device can do, for kernels to choose by.

export interface Abilities {
  /** Half precision in shaders. */
  f16: boolean;
  subgroups: boolean;
  /** Threads of a subgroup, at least and at most. */
  subgroupSizes: { min: number; max: number };
  /** Matrix units that multiply 16 x 16 x 16 of f16 and add in f32. */
  subgroupMatrix: boolean;
  /** Storage buffers that one shader may bind. */
  storageBuffers: number;
}

const SUBGROUP_MATRIX = 'chromium-experimental-subgroup-matrix';

/** What adapters tell beyond the types that are at hand. */
interface SubgroupInfo {
  subgroupMinSize?: number;
  subgroupMaxSize?: number;
  subgroupMatrixConfigs?: Iterable<MatrixConfig>;
}

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
  const info = (device.adapterInfo ?? {}) as SubgroupInfo;
  const { subgroupMinSize: min = 4, subgroupMaxSize: max = 128, subgroupMatrixConfigs = [] } = info;
  const f16 = has('shader-f16');
  const fits = ({ componentType, resultComponentType, M, N, K }: MatrixConfig) =>
    componentType === 'f16' && resultComponentType === 'f32' && M === 16 && N === 16 && K === 16;
  return {
    f16,
    subgroups: has('subgroups'),
    subgroupSizes: { min, max },
    subgroupMatrix: f16 && has(SUBGROUP_MATRIX) && [...subgroupMatrixConfigs].some(fits),
    storageBuffers: device.limits.maxStorageBuffersPerShaderStage,
  };
}
