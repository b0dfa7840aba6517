// A lane in Node: a worker thread.
import type { Worker } from 'node:worker_threads';
import { LANE_PROGRAM, type StartLane } from '../engine/lane.ts';

const PROGRAM = `const { parentPort, workerData } = require('node:worker_threads');
${LANE_PROGRAM}(workerData, () => parentPort.postMessage(0));`;

export function nodeLanes(WorkerClass: typeof Worker): StartLane {
  return (workerData) => {
    const worker = new WorkerClass(PROGRAM, { eval: true, workerData });
    const started = new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', () => {
        worker.off('error', reject);
        worker.unref(); // the program ends when its own work does
        resolve();
      });
    });
    return { started, terminate: () => worker.terminate() };
  };
}
