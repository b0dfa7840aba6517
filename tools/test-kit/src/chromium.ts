// A real browser for tests: the Chromium that the npm package @sparticuz/chromium carries for Linux x64, with SwiftShader as
// its GPU.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { extract } from 'tar';

/** The program of another Chromium, such as a newer one. */
const other = process.env.STRIDELAB_CHROMIUM;

export const chromiumRunsHere = other !== undefined || (process.platform === 'linux' && process.arch === 'x64');

/** What a page needs for WebGL and WebGPU, both drawn by the processor. */
const SOFTWARE_GPU = [
  '--ignore-gpu-blocklist',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-webgpu-adapter=swiftshader',
];

/**
 * Opens the browser, with WebGL and WebGPU where `gpu` says so. Who opens it closes it. `STRIDELAB_CHROMIUM` names the program
 * of another one.
 */
export async function launchChromium({ gpu = false } = {}): Promise<Browser> {
  const folder = other ? undefined : await unpack();
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  const discard = () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  const run = join(profile, 'run');
  mkdirSync(run);
  const env = { ...process.env, LD_LIBRARY_PATH: `${folder}/lib:${folder}`, HOME: profile, XDG_RUNTIME_DIR: run };
  // Another one brings its own libraries, and must not meet those with which Dawn runs in tests.
  if (!folder)
    for (const name of ['LD_LIBRARY_PATH', 'VK_ICD_FILENAMES', 'VK_DRIVER_FILES']) Reflect.deleteProperty(env, name);
  const headless = folder ? '--headless=shell' : '--headless';
  try {
    const browser = await chromium.launch({
      executablePath: folder ? join(folder, 'chromium') : other,
      args: [headless, '--no-sandbox', '--no-zygote', ...(gpu ? SOFTWARE_GPU : ['--disable-gpu'])],
      env,
    });
    browser.on('disconnected', discard);
    return browser;
  } catch (error) {
    discard();
    throw error;
  }
}

/** What the program of a page leaves at `globalThis.result`, in a tab of its own. It fails with the page. */
export async function resultOfPage<Result>(browser: Browser, address: string): Promise<Result> {
  const tab = await browser.newPage();
  try {
    const fault = new Promise<never>((_, reject) => {
      tab.on('pageerror', reject);
      tab.on('crash', () => reject(new Error(`the page ${address} crashed`)));
    });
    fault.catch(() => {}); // it may come before anybody waits for it
    await tab.goto(address);
    const answer = tab.waitForFunction(() => Object(globalThis).result, undefined, { timeout: 0 });
    return (await (await Promise.race([answer, fault])).jsonValue()) as Result;
  } finally {
    await tab.close();
  }
}

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
    if (!existsSync(target)) throw error; // somebody else was first: theirs is as good
  }
  return target;
}
