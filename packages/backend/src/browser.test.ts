// The browser's entry in a real browser: Chromium, whose GPU is SwiftShader.
import { chromiumRunsHere } from '@stridelab/test-kit/chromium';
import { beforeAll, describe, expect, it } from 'vitest';
import { inChromium } from './stubs/chromium.ts';
import type { PageResult } from './stubs/page.ts';

const SOFTWARE_GL = /SwiftShader/;

describe.skipIf(!chromiumRunsHere)('in Chromium (carried for Linux x64)', () => {
  let page: PageResult;
  beforeAll(async () => {
    page = await inChromium<PageResult>('page.ts');
  });

  it('examines every backend of a browser', () => {
    expect(page).not.toHaveProperty('failed');
    expect(page.doctor.map(({ name, state }) => [name, state])).toEqual([
      ['webgpu', 'software-only'],
      ['webgl', 'software-only'],
      ['wasm', 'ready'],
      ['cpu', 'ready'],
      ['webgpu-software', 'ready'],
      ['webgl-software', 'ready'],
    ]);
  });

  it('opens the best, which is never a software adapter, and says why not the others', () => {
    expect(page.best).toMatchObject({ name: 'wasm', device: 'CPU through WebAssembly SIMD', values: [7, 7, 7, 7] });
    expect(page.best.notes.map(({ backend }) => backend)).toEqual(['webgpu', 'webgl']);
    expect(page.best.notes[0]!.reason).toBe('the only adapter is drawn by the processor (Google SwiftShader)');
    expect(page.best.notes[1]!.reason).toMatch(SOFTWARE_GL);
  });

  it('opens a software adapter by name', () => {
    const device = 'Google SwiftShader through WebGPU';
    expect(page.webgpu).toMatchObject({ name: 'webgpu-software', device, precision: 'float32', values: [7, 7, 7, 7] });
    expect(page.webgl).toMatchObject({ name: 'webgl-software', precision: 'float32', values: [7, 7, 7, 7] });
    expect(page.webgl.device).toMatch(SOFTWARE_GL);
    expect(page.webgl.device).toMatch(/ through WebGL 2$/);
  });

  it('brings the kernels that train, which a bundler has seen', () => {
    expect([page.best, page.webgpu, page.webgl].map(({ trains }) => trains)).toEqual([true, true, false]);
  });

  it('says that webgl is exact where that is asked for', () => {
    expect(page.webglExact).toMatchObject({
      name: 'webgl-software',
      precision: 'exact',
      values: [7, 7, 7, 7],
      notes: [],
    });
  });

  it('computes in half precision where that is asked for and can be had', () => {
    expect(page.webglHalf).toMatchObject({ name: 'webgl-software', precision: 'float16', values: [7, 7, 7, 7] });
  });

  it('refuses what was asked for and cannot be had', () => {
    expect(page.refused).toMatch(
      /^BackendError: backend\.openBackend: one of prefer must be ready here; webgl: WebGL is drawn by the processor/,
    );
  });

  it('rejects work with the named error when the device is lost', () => {
    const named =
      /^DeviceLostError: backend\.guard: .*SwiftShader.* must stay until the work on it is done, got 'lost \(/;
    for (const ends of [page.lost.webgpu, page.lost.webgl]) {
      expect(ends).toHaveLength(2);
      for (const end of ends) expect(end).toMatch(named);
    }
  });

  it('gives TF.js its own webgpu back', () => {
    expect(page.webgpuOfTfjsIsBack).toBe(true);
  });
});
