import { expect, it, vi } from 'vitest';
import { requestAdapter, requestDevice, TRAINING_FEATURES } from './request.ts';

function adapterWith(features: readonly string[], refused: string[] = []) {
  const requestDevice = vi.fn(async ({ requiredFeatures = [] }: GPUDeviceDescriptor) => {
    if ([...requiredFeatures].some((feature) => refused.includes(feature))) throw new TypeError('no');
    return { features: new Set(requiredFeatures) } as unknown as GPUDevice;
  });
  const limits = { maxBufferSize: 7, maxComputeWorkgroupStorageSize: 5, maxTextureDimension1D: 3 };
  return { features: new Set(features), limits, requestDevice } as unknown as GPUAdapter;
}

it('asks for every feature that there is, and for the largest limits', async () => {
  const adapter = adapterWith(['shader-f16', 'subgroups', 'depth32float-stencil8']);
  expect([...(await requestDevice(adapter)).features]).toEqual(['shader-f16', 'subgroups']);
  expect(adapter.requestDevice).toHaveBeenCalledWith({
    requiredFeatures: ['shader-f16', 'subgroups'],
    requiredLimits: { maxBufferSize: 7, maxComputeWorkgroupStorageSize: 5 },
  });
});

it('says of the device what its adapter says', async () => {
  const info = { subgroupMatrixConfigs: [{ M: 16 }] };
  const adapter = Object.assign(adapterWith([]), { info });
  expect((await requestDevice(adapter as never)).adapterInfo).toBe(info);
});

it('goes without what cannot be had after all, the least sure first', async () => {
  const adapter = adapterWith(TRAINING_FEATURES, ['subgroup-size-control']);
  expect([...(await requestDevice(adapter)).features]).toEqual(['timestamp-query', 'shader-f16', 'subgroups']);
  const hopeless = adapterWith([]);
  vi.mocked(hopeless.requestDevice).mockRejectedValue(new TypeError('none'));
  await expect(requestDevice(hopeless)).rejects.toThrow('none');
});

it('takes a GPU that the processor draws only where it is asked for', async () => {
  const [real, drawn] = [{}, {}] as GPUAdapter[];
  const gpu = {
    requestAdapter: vi.fn(async (options?: GPURequestAdapterOptions) => (options?.forceFallbackAdapter ? drawn : real)),
  } as unknown as GPU;
  expect(await requestAdapter(gpu, false)).toBe(real);
  expect(await requestAdapter(gpu, true)).toBe(drawn);
});
