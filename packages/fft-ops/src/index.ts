export { FftOpsError } from './errors.ts';
