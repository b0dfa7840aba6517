// `npm start`: the main job, on a machine with Node and npm alone. Installs what the lockfile names, then runs
// examples/train-cifar from its sources; nothing has to be built. Arguments go on to it.
import { runExample } from './run-example.mjs';

process.exitCode = await runExample('main.ts');
