// The example in-the-browser as a visitor sees it: built from tarballs, in Chromium, on wasm and on GPUs in software.
import { join } from 'node:path';
import { chromiumRunsHere } from '@stridelab/test-kit/chromium';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenedSite, siteOf } from './site.ts';
import { copyOfExample, discard, output } from './stranger.ts';

const REPORTS = join(import.meta.dirname, '../.reports');
const DESK = { viewport: { width: 1200, height: 900 } };
const PHONE = { viewport: { width: 360, height: 700 }, deviceScaleFactor: 2 };

/** What the page says of itself, in data attributes of <html>. */
async function told(page: Page) {
  const { state, step, strides, accuracy, tensors } = await page.evaluate(() => document.documentElement.dataset);
  const [down, across] = (strides ?? '').split(',').map(Number);
  return {
    state,
    step: Number(step),
    down: down!,
    across: across!,
    accuracy: Number(accuracy),
    tensors: Number(tensors),
  };
}

const until = (page: Page, state: string) => page.waitForSelector(`html[data-state=${state}]`, { timeout: 60_000 });

const steps = (page: Page, count: number) =>
  page.waitForFunction((least) => Number(document.documentElement.dataset.step) >= least, count, { timeout: 120_000 });

/** [of the document, of the window] */
const widths = (page: Page) =>
  page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);

describe.skipIf(!chromiumRunsHere)('in Chromium (carried for Linux x64)', () => {
  let copy: string;
  let site: OpenedSite;

  beforeAll(async () => {
    copy = await copyOfExample('in-the-browser');
    await output('npm', ['run', 'build'], copy);
    site = await siteOf(join(copy, 'dist'));
  }, 300_000);

  afterAll(async () => {
    await site?.close();
    discard(copy);
  });

  it('opens the best backend by itself, and says why not the better ones', async () => {
    const { page, faults } = await site.open('', PHONE);
    await until(page, 'ready');
    expect(await page.textContent('#status')).toMatch(/^Running on CPU through WebAssembly/);
    expect(await page.textContent('#notes')).toMatch(/webgpu: .*SwiftShader.*webgl: .*SwiftShader/s);
    const [whole, window] = await widths(page);
    expect(whole).toBeLessThanOrEqual(window!);
    await page.screenshot({ path: join(REPORTS, 'in-the-browser-phone.png'), fullPage: true });
    expect(faults).toEqual([]);
    await page.close();
  });

  it('learns on wasm: one stride finer, the other coarser, and then all pictures right', async () => {
    const { page, faults } = await site.open('?backend=wasm', { ...DESK, colorScheme: 'dark' });
    await until(page, 'ready');
    const first = await told(page);
    expect(first).toMatchObject({ step: 0, down: 3, across: 3 });
    await page.click('#start');
    await steps(page, 60);
    const early = await told(page);
    // It is no frozen tab: frames are drawn while it trains.
    const frames = await page.evaluate(async () => {
      const began = performance.now();
      let count = 0;
      while (performance.now() < began + 1000) {
        await new Promise(requestAnimationFrame);
        count++;
      }
      return count;
    });
    expect(frames).toBeGreaterThan(5);

    await page.waitForFunction(() => Number(document.documentElement.dataset.accuracy) > 0.97, null, {
      timeout: 120_000,
    });
    const late = await told(page);
    expect(late.down).toBeGreaterThan(3.1);
    expect(late.across).toBeLessThan(2.3);
    expect(early.accuracy).toBeLessThan(0.9);
    // A step on its way has two, and after an epoch there is none.
    expect(late.tensors).toBeLessThanOrEqual(early.tensors + 2);

    await page.click('#pause');
    await page.waitForTimeout(300); // the step at hand
    const paused = await told(page);
    await page.waitForTimeout(500);
    expect(await told(page)).toEqual(paused);
    expect(paused.state).toBe('paused');
    await page.screenshot({ path: join(REPORTS, 'in-the-browser-dark.png'), fullPage: true });

    await page.click('#start');
    await steps(page, paused.step + 5);
    await page.locator('#across').fill('1.5'); // a slider begins anew, while it trains too
    await until(page, 'ready');
    expect(await told(page)).toEqual({ ...first, across: 1.5 }); // and leaves no tensors
    const [whole, window] = await widths(page);
    expect(whole).toBeLessThanOrEqual(window!);
    expect(faults).toEqual([]);
    await page.close();
  }, 240_000);

  it('says in words that a backend cannot be had, or is none', async () => {
    for (const [choice, words] of [
      ['webgpu', /^There is no backend to train on\. webgpu: the only adapter is drawn by the processor/],
      ['abacus', /^There is no backend "abacus"/],
    ] as const) {
      const { page, faults } = await site.open(`?backend=${choice}`, DESK);
      await until(page, 'failed');
      expect(await page.textContent('#error')).toMatch(words);
      expect(await page.isVisible('#error')).toBe(true);
      expect(faults).toEqual([]);
      await page.close();
    }
  });

  it('says in words that something failed while it was loaded', async () => {
    const { page, faults } = await site.open('', DESK, () => {
      Intl.NumberFormat = function fail() {
        throw new RangeError('no such language');
      } as unknown as typeof Intl.NumberFormat;
    });
    await until(page, 'failed');
    expect(await page.textContent('#error')).toBe('no such language. Reload the page to begin anew.');
    expect(faults).toEqual(['RangeError: no such language']); // and the console has it
    await page.close();
  });

  it.each(['webgl-software', 'webgpu-software'])(
    'takes steps on %s, and says so when that is lost',
    async (backend) => {
      const { page, faults } = await site.open(`?backend=${backend}`, DESK, keepDevices);
      await until(page, 'ready');
      expect(await page.textContent('#status')).toMatch(/SwiftShader.* through Web/);
      await page.click('#start');
      await steps(page, 1);
      const { tensors } = await told(page);
      await steps(page, 2);
      const late = await told(page);
      expect(late.tensors).toBe(tensors);
      expect(faults).toEqual([]);
      await page.evaluate(() => (window as unknown as { loseDevice(): void }).loseDevice());
      await until(page, 'failed');
      expect(await page.textContent('#error')).toMatch(/SwiftShader.* was lost, /);
      await page.close();
    },
    180_000,
  );
});

/** In the page: `loseDevice()` takes the GPU away that TF.js was given last. */
function keepDevices() {
  const keep = (loseDevice: () => void) => Object.assign(window, { loseDevice });
  const { getContext } = OffscreenCanvas.prototype;
  OffscreenCanvas.prototype.getContext = function (this: OffscreenCanvas, ...args: [OffscreenRenderingContextId]) {
    const context = getContext.apply(this, args);
    const lose = context instanceof WebGL2RenderingContext && context.getExtension('WEBGL_lose_context');
    if (lose) keep(() => lose.loseContext());
    return context;
  } as typeof getContext;
  // Without the types of WebGPU, which nothing else here needs.
  type Adapter = { requestDevice(...args: unknown[]): Promise<{ destroy(): void }> };
  const adapter = (window as unknown as { GPUAdapter: { prototype: Adapter } }).GPUAdapter.prototype;
  const { requestDevice } = adapter;
  adapter.requestDevice = async function (this: Adapter, ...args) {
    const device = await requestDevice.apply(this, args);
    keep(() => device.destroy());
    return device;
  };
}
