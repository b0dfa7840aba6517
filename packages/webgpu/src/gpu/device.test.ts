import { expect, it } from 'vitest';
import { abilitiesOf } from './device.ts';

const FEATURES = ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'];
const UNITS = { componentType: 'f16', resultComponentType: 'f32', M: 16, N: 16, K: 16 };

function deviceWith(features: string[], subgroupMatrixConfigs?: object[], subgroupMinSize = 32): GPUDevice {
  return {
    features: new Set(features),
    limits: { maxStorageBuffersPerShaderStage: 10 },
    adapterInfo: { subgroupMinSize, subgroupMaxSize: 32, subgroupMatrixConfigs },
  } as unknown as GPUDevice;
}

it('knows matrix units by their feature and their size', () => {
  expect(abilitiesOf(deviceWith(FEATURES, [{ ...UNITS, M: 8 }, UNITS]))).toEqual({
    f16: true,
    subgroups: true,
    subgroupSizes: { min: 32, max: 32 },
    matrixUnits: { side: 16, lanes: 32 },
    storageBuffers: 10,
  });
  for (const [features, configs, min] of [
    [FEATURES, undefined],
    [FEATURES, []],
    [FEATURES, [{ ...UNITS, K: 8 }]],
    [FEATURES, [UNITS], 16],
    [FEATURES, [{ ...UNITS, resultComponentType: 'f16' }]],
    [FEATURES.slice(0, 2), [UNITS]],
    [FEATURES.slice(1), [UNITS]],
  ] as [string[], object[] | undefined, number?][]) {
    expect(abilitiesOf(deviceWith(features, configs, min)).matrixUnits).toBeUndefined();
  }
  const small = { ...UNITS, M: 8, N: 8, K: 8 };
  expect(abilitiesOf(deviceWith(FEATURES, [small])).matrixUnits).toEqual({ side: 8, lanes: 32 });
  expect(abilitiesOf(deviceWith(FEATURES, [small, UNITS])).matrixUnits?.side).toBe(16);
});
