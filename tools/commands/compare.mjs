// `pnpm compare`: a grid of runs as a table and a chart. Arguments go on to it.
import { runExample } from './run-example.mjs';

process.exitCode = await runExample('compare/main.ts');
