// The report in a real browser: Chromium, light and dark, on a desk and on a phone; as the sources write it, and as a program
// does into which somebody has bundled the package.
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DiffStride } from '@stridelab/diffstride';
import { openTestBackend, randomValues } from '@stridelab/test-kit';
import { chromiumRunsHere, launchChromium } from '@stridelab/test-kit/chromium';
import * as tfl from '@tensorflow/tfjs-layers';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inlineBrowserCode } from '../../../scripts/browser-code.mjs';
import { arrayData } from '../../array-data.ts';
import { evaluate } from '../../evaluate.ts';
import { fit } from '../../fit.ts';
import { cosine, warmUp } from '../../schedules.ts';
import { openRun } from '../run-record.ts';

const CLASSES = ['airplane', '<b>automobile</b>', 'bird', 'cat'];
const SIDE = 16;
let folder: string;
const files = { sources: '', bundle: '' };

/** Colours in a corner, one for each class. */
function images(count: number) {
  const labels = Array.from({ length: count }, (_, i) => i % 4);
  const values = Float32Array.from(randomValues(count * SIDE * SIDE * 3, 9), (noise, at) => {
    const [example, channel] = [Math.floor(at / (SIDE * SIDE * 3)), at % 3];
    return 0.6 * noise + (labels[example] === channel ? 0.8 : 0);
  });
  return { images: values, labels, shape: [SIDE, SIDE, 3] };
}

beforeAll(async () => {
  await openTestBackend('cpu');
  folder = mkdtempSync(join(tmpdir(), 'report-'));
  const runFolder = join(folder, 'runs <&> "first"');
  const options = { config: { preset: 'quick', html: '</script><b>' }, logEvery: 1 };
  const run = openRun(runFolder, options);
  const seeded = (seed: number) => tfl.initializers.glorotUniform({ seed });
  const model = tfl.sequential({
    layers: [
      tfl.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        inputShape: [SIDE, SIDE, 3],
        kernelInitializer: seeded(1),
        padding: 'same',
      }),
      new DiffStride({ name: 'stage1_pool', strides: 2, smoothnessFactor: 2 }),
      tfl.layers.activation({ activation: 'relu' }),
      new DiffStride({ name: 'stage2_pool', strides: [1.5, 2.5], smoothnessFactor: 2 }),
      tfl.layers.globalAveragePooling2d({}),
      tfl.layers.dense({ units: 4, kernelInitializer: seeded(2) }),
    ],
  });
  const data = arrayData({ ...images(96), batchSize: 8, validationSplit: 0.25 });
  await fit(model, data, {
    epochs: 6,
    schedule: warmUp(10, cosine(0.1)),
    checkpoints: run.checkpoints,
    onEvent: run.onEvent,
    multiplyAdds: () => 12_345_678,
  });
  const evaluation = await evaluate(model, data.validation!, { samples: 6 });
  const results = { evaluation, classNames: CLASSES };
  files.sources = join(folder, 'of the sources.html');
  renameSync((await run.finish(model, results)).report, files.sources);
  const bundled = await bundledPackage();
  files.bundle = (await bundled.openRun(runFolder, options).finish(model, results)).report;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As hard as bundlers treat code: names are mangled, and kept in calls of a helper that the page does not have. */
async function bundledPackage(): Promise<typeof import('../../node.ts')> {
  const outfile = join(import.meta.dirname, '../../../.reports/bundled-node.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, '../../node.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    minify: true,
    keepNames: true,
    external: ['@tensorflow/*', 'seedrandom'],
    plugins: [inlineBrowserCode],
  });
  return import(outfile);
}

it.each(['sources', 'bundle'] as const)('of the %s is one file that asks for nothing', (which) => {
  const html = readFileSync(files[which], 'utf8');
  const outside = html.replace(/<script>[\s\S]*?<\/script>/g, '').match(/(src|href)=|url\(|@import/g);
  expect(outside).toBeNull();
  expect(html.length).toBeLessThan(150_000);
});

describe.skipIf(!chromiumRunsHere)('in Chromium (carried for Linux x64)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  async function open(options: {
    which?: keyof typeof files;
    width: number;
    height: number;
    dark?: boolean;
  }): Promise<{ page: Page; faults: string[] }> {
    const page = await browser.newPage({
      viewport: { width: options.width, height: options.height },
      locale: 'en-US',
      colorScheme: options.dark ? 'dark' : 'light',
    });
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('request', (request) => !request.url().startsWith('file:') && faults.push(request.url()));
    await page.goto(pathToFileURL(files[options.which ?? 'sources']).href);
    return { page, faults };
  }

  /** Pixels of a canvas that are not the canvas's emptiest. */
  const inked = (page: Page, selector: string) =>
    page.$$eval(selector, (canvases) =>
      canvases.map((element) => {
        const canvas = element as HTMLCanvasElement;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        const pixels = new Set<string>();
        for (let i = 0; i < data.length; i += 4) pixels.add(data.slice(i, i + 4).join());
        return pixels.size;
      }),
    );

  it.each(['sources', 'bundle'] as const)('shows every part, light and dark, from the %s', async (which) => {
    for (const dark of [false, true]) {
      const { page, faults } = await open({ which, width: 1200, height: 900, dark });
      expect(faults).toEqual([]);
      const charts = await page.$$eval('[id^=chart-]', (places) => places.map(({ id }) => id));
      expect(charts).toEqual(
        ['loss', 'accuracy', 'learning-rate', 'strides', 'maps', 'cost'].map((id) => `chart-${id}`),
      );
      for (const colours of await inked(page, '[id^=chart-] canvas')) expect(colours).toBeGreaterThan(5);
      expect(await page.$$eval('canvas[id^=mask-]', (all) => all.length)).toBe(2);
      for (const colours of await inked(page, 'canvas[id^=mask-]')) expect(colours).toBeGreaterThan(3);
      expect(await page.$$eval('canvas[id^=sample-]', (all) => all.length)).toBe(6);
      for (const colours of await inked(page, 'canvas[id^=sample-]')) expect(colours).toBeGreaterThan(10);
      expect(
        await page.$$eval('.confusion tbody tr', (rows) => rows.map((row) => row.querySelector('th')!.textContent)),
      ).toEqual(CLASSES);
      const text = await page.locator('main').textContent();
      for (const words of [
        'runs <&> "first"',
        'stage1_pool',
        '12.3 M',
        '"preset": "quick"',
        'tfjs-core',
        'Multiply-adds',
      ]) {
        expect(text).toContain(words);
      }
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(background).toBe(dark ? 'rgb(20, 23, 27)' : 'rgb(255, 255, 255)');
      await page.screenshot({
        path: join(import.meta.dirname, `../../../.reports/report-${which}-${dark ? 'dark' : 'light'}.png`),
        fullPage: true,
      });
      await page.close();
    }
  });

  it('fits a phone, on which no line runs out of the page', async () => {
    const { page, faults } = await open({ width: 375, height: 700 });
    expect(faults).toEqual([]);
    const widths = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1]!);
    const smallest = await page.$$eval('p, dd, dt, td, th, figcaption, .u-legend', (texts) =>
      Math.min(...texts.map((element) => Number.parseFloat(getComputedStyle(element).fontSize))),
    );
    expect(smallest).toBeGreaterThanOrEqual(12);
    await page.screenshot({ path: join(import.meta.dirname, '../../../.reports/report-phone.png'), fullPage: true });
    await page.emulateMedia({ colorScheme: 'dark' });
    const line = () => inked(page, '#chart-loss canvas');
    expect((await line())[0]).toBeGreaterThan(5);
    await page.close();
  });
});
