// What needs files and processes: checkpoints, records and reports of runs, Ctrl-C. For Node alone.
export { type FileCheckpoints, fileCheckpoints } from './node/checkpoint-files.ts';
export { type Interruption, onInterrupt } from './node/interrupt.ts';
export type { LoggedEvent } from './node/metrics-log.ts';
export { modelFiles } from './node/model-files.ts';
export type { ReportInput } from './node/report/data.ts';
export { renderReport } from './node/report/render.ts';
export { openRun, type Run, type RunOptions, type RunResults } from './node/run-record.ts';
