// One test configuration for every package. Tests read sources, never builds.
import { defineConfig } from 'vitest/config';
import { softwareVulkanEnv } from './software-vulkan.mjs';

// Dawn finds its Vulkan driver through the environment that a process is born with, so it is set here, before
// vitest forks its workers.
Object.assign(process.env, await softwareVulkanEnv());

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    reporters: ['default', ['json', { outputFile: '.reports/vitest.json' }]],
  },
});
