// On what and with what a run is made, for its record: what neither its settings nor the commit say.
import { createRequire } from 'node:module';
import type { RunOptions } from '@stridelab/trainer/node';
import type { Opened } from './open.ts';

/** Packages that compute, of others than this repository, for each backend. */
const PACKAGES: Partial<Record<Opened['name'], readonly string[]>> = {
  'node-gpu': ['@tensorflow/tfjs-node-gpu'],
  node: ['@tensorflow/tfjs-node'],
  webgpu: ['@tensorflow/tfjs-backend-webgpu', 'webgpu'],
  'webgpu-software': ['@tensorflow/tfjs-backend-webgpu', 'webgpu'],
  wasm: ['@tensorflow/tfjs-backend-wasm'],
};

export function madeWith(
  { name, device }: Pick<Opened, 'name' | 'device'>,
  packages = PACKAGES,
): Pick<RunOptions, 'device' | 'versions'> {
  const versions = (packages[name] ?? []).flatMap((one) => {
    const version = versionOf(one);
    return version === undefined ? [] : [[one, version]];
  });
  return { device, versions: Object.fromEntries(versions) };
}

/** Nothing where the package is in a bundle, or another runtime's own. */
function versionOf(name: string): string | undefined {
  try {
    return createRequire(import.meta.url)(`${name}/package.json`).version;
  } catch {
    return undefined;
  }
}
