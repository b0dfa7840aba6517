import base from '@stridelab/config/vitest';
import { mergeConfig } from 'vitest/config';

export default mergeConfig(base, { test: { include: ['*.test.mjs'] } });
