// By what WebGPU reaches a GPU where there is no browser, and what helps where it reaches none.

export const GRAPHICS = { darwin: 'Metal', win32: 'Direct3D 12' }[process.platform as string] ?? 'Vulkan';

export const MEND = {
  webgpu:
    GRAPHICS === 'Vulkan'
      ? "install the GPU's Vulkan driver (an NVIDIA container needs NVIDIA_DRIVER_CAPABILITIES=all)"
      : "update the GPU's driver",
  'webgpu-software': "install Mesa's llvmpipe (Debian: mesa-vulkan-drivers)",
};
