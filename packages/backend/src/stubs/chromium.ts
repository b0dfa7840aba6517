// A page in a real browser, for tests.
import { fileURLToPath } from 'node:url';
import { launchChromium, resultOfPage } from '@stridelab/test-kit/chromium';
import { serveProgram } from '@stridelab/test-kit/site';
import { build } from 'esbuild';

/** Bundles the program `page` of this folder, runs it in a page, and returns what it leaves in `window.result`. */
export async function inChromium<T>(page: string): Promise<T> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(page, import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  const browser = await launchChromium({ gpu: true });
  const site = await serveProgram(new Map([['/page.js', outputFiles[0]!.contents]]));
  try {
    return await resultOfPage<T>(browser, site.address);
  } finally {
    await browser.close();
    site.close();
  }
}
