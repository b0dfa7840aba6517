// Test files in pages of a real browser, each in a page of its own.
import { join } from 'node:path';
import type { FileResult } from '@stridelab/test-bundle';
import { portableTests, replaceByFile } from '@stridelab/test-bundle/plugin';
import { launchChromium, resultOfPage } from '@stridelab/test-kit/chromium';
import { serveProgram } from '@stridelab/test-kit/site';
import { build, type Plugin } from 'esbuild';

const page = join(import.meta.dirname, 'page');

const backendsOfPage: Plugin = {
  name: 'backends-of-page',
  setup: (build) => replaceByFile(build, 'test-kit/src/backends.ts', join(page, 'backends.ts')),
};

/** A page's program and the parts that it imports, by the paths under which they are served. */
async function bundle(files: ReadonlyMap<string, string>): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: { page: join(page, 'main.ts') },
    outdir: '/',
    bundle: true,
    splitting: true, // a page loads the file that it runs, and not the others
    write: false,
    format: 'esm',
    target: 'es2022',
    ignoreAnnotations: true, // everything that is imported runs, as it does in Node
    inject: [join(page, 'process.ts')],
    define: { global: 'globalThis' },
    plugins: [portableTests(files), backendsOfPage],
    logLevel: 'error',
  });
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]));
}

export interface PageOptions {
  backend: 'webgl' | 'webgpu' | 'wasm';
  /** Cross-origin isolated, where wasm has threads. */
  isolated?: boolean;
}

export interface Pages {
  /** What came of a test file on one of a page's backends. */
  run(file: string, options: PageOptions): Promise<FileResult>;
  close(): Promise<void>;
}

export async function openPages(files: ReadonlyMap<string, string>): Promise<Pages> {
  const program = await bundle(files);
  const browser = await launchChromium({ gpu: true });
  const site = await serveProgram(program);
  return {
    run(file, { backend, isolated }) {
      const asked = new URLSearchParams({ backend, file, ...(isolated && { isolated: '' }) });
      return resultOfPage<FileResult>(browser, `${site.address}?${asked}`);
    },
    async close() {
      await browser.close();
      site.close();
    },
  };
}
