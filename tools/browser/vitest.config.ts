export { default } from '@stridelab/config/vitest';
