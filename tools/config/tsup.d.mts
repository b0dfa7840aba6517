import type { defineConfig } from 'tsup';

declare const config: ReturnType<typeof defineConfig>;
export default config;
