import type { defineConfig } from 'tsup';

declare const config: ReturnType<typeof defineConfig>;
export default config;
export declare const apart: typeof config;
