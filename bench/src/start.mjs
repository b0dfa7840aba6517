// `pnpm bench [name ...] [--backend cpu,wasm,webgpu] [--rounds 9]`: gives Dawn its driver, then runs main.ts in a process of its own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { softwareVulkanEnv } from '@stridelab/config/software-vulkan';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const { status } = spawnSync(process.execPath, ['--import', 'tsx', main, ...process.argv.slice(2)], {
  cwd: fileURLToPath(new URL('..', import.meta.url)), // where tsx is installed
  stdio: 'inherit',
  env: { ...process.env, ...(await softwareVulkanEnv()) },
});
process.exitCode = status ?? 1;
