import type { Plugin } from 'esbuild';

export declare const inlineBrowserCode: Plugin;
