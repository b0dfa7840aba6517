// The public API in Node. Browsers get ./browser.ts under the same names.
export { BackendError, DeviceLostError } from './errors.ts';
export { doctor, openBackend } from './node.ts';
export type {
  BackendName,
  BackendReport,
  BackendState,
  ExamineOptions,
  Notice,
  OpenedBackend,
  OpenOptions,
  Precision,
} from './types.ts';
