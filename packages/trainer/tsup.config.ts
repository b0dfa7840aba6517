import config from '@stridelab/config/tsup';
import { inlineBrowserCode } from './scripts/browser-code.mjs';

export default { ...config, esbuildPlugins: [inlineBrowserCode] };
