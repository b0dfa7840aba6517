import { describe, expect, it } from 'vitest';
import { isSoftware, isSoftwareName, nameOf } from './adapter.ts';

const none = { vendor: '', architecture: '', device: '', description: '' };

describe('nameOf', () => {
  it.each([
    [{ ...none, vendor: 'nvidia', architecture: 'hopper', device: 'nvidia-h200' }, 'NVIDIA H200'],
    [{ ...none, device: 'nvidia-geforce-rtx-4090' }, 'NVIDIA GeForce RTX 4090'],
    [{ ...none, device: 'amd-radeon-rx-7900-xtx' }, 'AMD Radeon RX 7900 Xtx'],
    [{ ...none, vendor: 'apple', architecture: 'metal-3' }, 'Apple Metal 3'],
    [{ ...none, description: 'Some driver' }, 'Some driver'],
    [{ vendor: '4318', architecture: '', device: '9013', description: 'NVIDIA H200' }, 'NVIDIA H200'],
    [none, 'GPU'],
    [{}, 'GPU'],
  ])('%o', (info, name) => {
    expect(nameOf(info)).toBe(name);
  });
});

describe('isSoftware', () => {
  it.each([
    [{ ...none, vendor: 'google', architecture: 'swiftshader' }, true],
    [{ ...none, device: 'llvmpipe-llvm-15.0.7-256-bits' }, true],
    [{ ...none, description: 'Microsoft Basic Render Driver' }, true],
    [{ ...none, vendor: 'nvidia', isFallbackAdapter: true }, true],
    [{ ...none, vendor: 'nvidia', device: 'nvidia-h200', isFallbackAdapter: false }, false],
    [{ ...none, description: 'Warped Reality driver' }, false],
    [{}, false],
  ])('%o', (info, software) => {
    expect(isSoftware(info)).toBe(software);
  });

  it('knows what browsers call it', () => {
    expect(isSoftwareName('ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)), SwiftShader driver)')).toBe(
      true,
    );
    expect(isSoftwareName('ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11)')).toBe(false);
  });
});
