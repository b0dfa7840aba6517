export { PhcConvError } from './errors.ts';
