// Where there is no GPU, Dawn still needs a Vulkan driver. SwiftShader is one in software, and the npm package
// @sparticuz/chromium carries it together with the Vulkan loader, so that no system package is needed.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { brotliDecompressSync } from 'node:zlib';
import { extract } from 'tar';

/** The folder of the npm package that carries SwiftShader. */
function chromiumPackage() {
  let folder = dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium'));
  while (!existsSync(join(folder, 'bin/swiftshader.tar.br'))) {
    if (dirname(folder) === folder) throw new Error('software-vulkan: @sparticuz/chromium holds no swiftshader.tar.br');
    folder = dirname(folder);
  }
  return folder;
}

/** Unpacks SwiftShader once beside the package that carries it; safe when several processes do so at the same time. */
async function unpackSwiftShader() {
  const source = chromiumPackage();
  const target = join(source, '.unpacked-swiftshader');
  if (existsSync(target)) return target;
  const scratch = mkdtempSync(`${target}-`);
  const archive = brotliDecompressSync(readFileSync(join(source, 'bin/swiftshader.tar.br')));
  await pipeline(Readable.from([archive]), extract({ cwd: scratch }));
  try {
    renameSync(scratch, target);
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true });
    if (!existsSync(target)) throw error; // somebody else was first: theirs is as good
  }
  return target;
}

/**
 * Environment for a process in which Dawn shall run on SwiftShader. Empty where the machine's own driver is to be used:
 * with STRIDELAB_GPU=1, and on systems for which the carried SwiftShader is not built (it is for Linux x64).
 * @returns {Promise<Record<string, string>>}
 */
export async function softwareVulkanEnv() {
  if (process.env.STRIDELAB_GPU === '1' || process.platform !== 'linux' || process.arch !== 'x64') return {};
  const folder = await unpackSwiftShader();
  const runtimeDir = process.env.XDG_RUNTIME_DIR ?? join(folder, 'run');
  mkdirSync(runtimeDir, { recursive: true });
  const icd = join(folder, 'vk_swiftshader_icd.json');
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  // VK_DRIVER_FILES is the loader's newer name for the same list; set both so that no other one is found.
  return { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd, LD_LIBRARY_PATH: libraries, XDG_RUNTIME_DIR: runtimeDir };
}
