// The public API in a browser. Node gets ./index.ts under the same names.
export { BackendError, DeviceLostError } from './errors.ts';
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
export { doctor, openBackend } from './web.ts';
