// A real browser for tests: the Chromium that the npm package @sparticuz/chromium carries for Linux x64, with
// SwiftShader as its GPU. A page posts what it found; nothing of the browser is driven from here.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { extract } from 'tar';

export const chromiumRunsHere = process.platform === 'linux' && process.arch === 'x64';

const FLAGS = [
  '--headless=shell',
  '--no-sandbox',
  '--no-zygote',
  '--ignore-gpu-blocklist',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-webgpu-adapter=swiftshader',
];

/** Unpacks the browser once beside the package that carries it; safe when several processes do so at the same time. */
async function unpack(): Promise<string> {
  const packed = fileURLToPath(new URL('../../bin/', import.meta.resolve('@sparticuz/chromium')));
  const target = join(packed, '../.unpacked-chromium');
  if (existsSync(target)) return target;
  const scratch = mkdtempSync(`${target}-`);
  const read = (name: string) => brotliDecompressSync(readFileSync(join(packed, name)));
  writeFileSync(join(scratch, 'chromium'), read('chromium.br'), { mode: 0o755 });
  for (const name of ['swiftshader.tar.br', 'al2023.tar.br']) {
    await pipeline(Readable.from([read(name)]), extract({ cwd: scratch }));
  }
  try {
    renameSync(scratch, target);
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** Bundles the program `page` of this folder, runs it in a page, and returns what it posts to `/result`. */
export async function inChromium<T>(page: string): Promise<T> {
  const folder = await unpack();
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
  mkdirSync(join(profile, 'run'));
  const { port } = server.address() as AddressInfo;
  const browser = spawn(
    join(folder, 'chromium'),
    [...FLAGS, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        LD_LIBRARY_PATH: `${folder}/lib:${folder}`,
        HOME: profile,
        XDG_RUNTIME_DIR: `${profile}/run`,
      },
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
