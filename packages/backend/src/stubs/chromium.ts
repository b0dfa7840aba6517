// A page in a real browser, for tests. It posts what it found; nothing of the browser is driven from here.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { SOFTWARE_GPU, unpackChromium } from '@stridelab/test-kit/chromium';
import { build } from 'esbuild';

/** Bundles the program `page` of this folder, runs it in a page, and returns what it posts to `/result`. */
export async function inChromium<T>(page: string): Promise<T> {
  const chromium = await unpackChromium();
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(page, import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  const wasm = new URL('./', import.meta.resolve('@tensorflow/tfjs-backend-wasm'));
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  let answer!: (result: T) => void;
  const result = new Promise<T>((resolve) => {
    answer = resolve;
  });
  const server = createServer(async (request, response) => {
    if (request.url === '/') {
      response.setHeader('content-type', 'text/html').end('<script type="module" src="/page.js"></script>');
    } else if (request.url === '/page.js') {
      response.setHeader('content-type', 'text/javascript').end(outputFiles[0]!.contents);
    } else if (request.url === '/result') {
      answer((await json(request)) as T);
      response.end();
    } else if (request.url?.startsWith('/wasm/') && request.url.endsWith('.wasm')) {
      response.setHeader('content-type', 'application/wasm');
      createReadStream(new URL(request.url.slice('/wasm/'.length), wasm)).pipe(response);
    } else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const browser = spawn(
    chromium.executable,
    [...SOFTWARE_GPU, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: chromium.environment(profile),
    },
  );
  let said = '';
  browser.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const closed = once(browser, 'close');
  try {
    const died = closed.then(() => Promise.reject(new Error(`Chromium ended before its page answered:\n${said}`)));
    return await Promise.race([result, died]);
  } finally {
    browser.kill('SIGKILL');
    await closed;
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
