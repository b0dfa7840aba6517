// For tests: a device that executes nothing and has every feature. It parses and validates shaders, and makes pipelines of
// them, so that those for chips that are not at hand are known to be valid.
import { create } from 'webgpu';
import type { Program } from '../gpu/program.ts';
import { pipelineOf, sourceOf } from '../gpu/program.ts';

const FEATURES = ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'] as unknown as GPUFeatureName[];

// Dawn's instance has to outlive its devices.
let instance: GPU | undefined;

export async function nullDevice(): Promise<GPUDevice> {
  instance = create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
  const adapter = await instance.requestAdapter();
  if (!adapter) throw new Error('Dawn has no null backend');
  const { maxComputeWorkgroupStorageSize } = adapter.limits;
  return adapter.requestDevice({ requiredFeatures: FEATURES, requiredLimits: { maxComputeWorkgroupStorageSize } });
}

/** What Dawn finds wrong with the shader of `program`, and with its pipeline where the device's limits allow for one. */
export async function complaints(device: GPUDevice, program: Program, pipelineToo: boolean): Promise<string[]> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code: sourceOf(program) });
  const { messages } = await module.getCompilationInfo();
  if (pipelineToo) pipelineOf(device, program);
  const error = await device.popErrorScope();
  return [...messages.map(({ message }) => message), ...(error ? [error.message] : [])];
}
