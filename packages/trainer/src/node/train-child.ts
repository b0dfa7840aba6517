// A training in a process of its own, for tests that interrupt it. Arguments: the folder of checkpoints, and a file for the
// final weights.
import { writeFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers';
import { setBackend } from '@tensorflow/tfjs-core';
import { fit } from '../fit.ts';
import { smallData, smallModel, weightBits } from '../test-tools.ts';
import { fileCheckpoints } from './checkpoint-files.ts';
import { onInterrupt } from './interrupt.ts';

const [folder, result] = process.argv.slice(2) as [string, string];
await setBackend('cpu');
const model = smallModel();
const interruption = onInterrupt();
const { reason, step, history } = await fit(model, smallData(200, 5), {
  epochs: 20,
  schedule: { kind: 'warm-up', steps: 20, after: { kind: 'cosine', rate: 0.02 } },
  optimizer: { kind: 'adam', decay: { kind: 'decoupled', rate: 0.01 } },
  labelSmoothing: 0.1,
  checkpoints: fileCheckpoints(folder, { keep: 2 }),
  checkpointEvery: { steps: 3 },
  signal: interruption.signal,
  onEvent: (event) => {
    if (event.type === 'start') console.log(`started at ${event.step}`);
    if (event.type === 'notice') console.log(`notice ${event.message}`);
  },
});
interruption.dispose();
const losses = history.map(({ loss, validationLoss }) => [loss, validationLoss]);
if (reason === 'finished') writeFileSync(result, JSON.stringify({ weights: await weightBits(model), losses, step }));
console.log(`${reason} at ${step}`);
process.exitCode = interruption.exitCode ?? 0;
