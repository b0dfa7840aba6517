// What a device can do, for kernels to choose by.

export interface Abilities {
  /** Half precision in shaders. */
  f16: boolean;
  subgroups: boolean;
  /** Threads of a subgroup, at least and at most. */
  subgroupSizes: { min: number; max: number };
  /** That multiply f16 and add in f32; undefined where there are none, or subgroups differ in size. */
  matrixUnits: MatrixUnits | undefined;
  /** Storage buffers that one shader may bind. */
  storageBuffers: number;
}

export interface MatrixUnits {
  /** They multiply `side` x `side` x `side` at a time. */
  side: 8 | 16;
  /** Threads of the subgroups that hold such a product together. */
  lanes: number;
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
  const sides = ([16, 8] as const).filter((side) => [...subgroupMatrixConfigs].some((config) => fits(config, side)));
  const usable = f16 && has(SUBGROUP_MATRIX) && min === max;
  return {
    f16,
    subgroups: has('subgroups'),
    subgroupSizes: { min, max },
    matrixUnits: usable && sides[0] ? { side: sides[0], lanes: max } : undefined,
    storageBuffers: device.limits.maxStorageBuffersPerShaderStage,
  };
}

const fits = ({ componentType, resultComponentType, M, N, K }: MatrixConfig, side: number) =>
  componentType === 'f16' && resultComponentType === 'f32' && M === side && N === side && K === side;
