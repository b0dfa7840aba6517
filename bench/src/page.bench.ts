// The wasm backend in a page of Chromium, as it is, and cross-origin isolated, where it has threads.
import { join } from 'node:path';
import { chromiumRunsHere, launchChromium, resultOfPage } from '@stridelab/test-kit/chromium';
import { serveProgram } from '@stridelab/test-kit/site';
import { build } from 'esbuild';
import { type Benchmark, markdownTable, summarize } from './harness.ts';
import type { PageResult } from './page/main.ts';
import { BATCH } from './wasm/resnet8.ts';

const PAGES = { plain: false, isolated: true } as const;

const benchmark: Benchmark = {
  title: 'wasm in a page',
  async run({ backends, rounds, print }) {
    if (!backends.includes('wasm')) return;
    if (!chromiumRunsHere) throw new Error('bench: STRIDELAB_CHROMIUM must name a Chromium on this system');
    const { outputFiles } = await build({
      entryPoints: { page: join(import.meta.dirname, 'page/main.ts') },
      outdir: '/',
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      ignoreAnnotations: true, // TF.js's packages name files with effects that are not there
      define: { global: 'globalThis' },
      logLevel: 'error',
    });
    const site = await serveProgram(new Map(outputFiles.map(({ path, contents }) => [path, contents])));
    const browser = await launchChromium();
    try {
      print(`Chromium ${browser.version()}`);
      const steps: string[][] = [];
      for (const [name, isolated] of Object.entries(PAGES)) {
        const asked = new URLSearchParams({ rounds: `${rounds}`, ...(isolated && { isolated: '' }) });
        const result = await resultOfPage<PageResult>(browser, `${site.address}?${asked}`);
        print(
          `\n${result.threads === 1 ? 'one thread' : `${result.threads} threads`}, ${name}:\n\n${result.convolutions}`,
        );
        const { median, min } = summarize(result.steps);
        steps.push([name, `${result.threads}`, `${median.toFixed(0)} ms`, `${min.toFixed(0)} ms`]);
      }
      print(`\n${markdownTable([`ResNet-8 step, batch ${BATCH}`, 'threads', 'median', 'fastest'], steps)}\n`);
    } finally {
      await browser.close();
      site.close();
    }
  },
};

export default benchmark;
