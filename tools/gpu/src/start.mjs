// `pnpm gpu:test [...]`: bundles, and runs the bundle here. On the machine's own driver, or with --software on SwiftShader.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { softwareVulkanEnv } from '@stridelab/config/software-vulkan';
import { bundle } from './bundle.mjs';

const args = process.argv.slice(2).filter((arg) => arg !== '--');
const software = args.includes('--software');
// Beside node_modules, where the bundle finds `webgpu`.
const file = await bundle(join(import.meta.dirname, '../.bundle'));
const environment = software ? await softwareVulkanEnv() : { STRIDELAB_GPU: '1' };
const { status } = spawnSync(process.execPath, [file, ...args.filter((arg) => arg !== '--software')], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: 'inherit',
  env: { ...process.env, ...environment },
});
process.exitCode = status ?? 1;
