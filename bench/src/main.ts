// Runs the benchmarks that the command line names, all of them by default, and prints their tables as Markdown.
import { readdirSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import type { BackendName } from '@stridelab/test-kit/backends';
import { version_core as tfjsVersion } from '@tensorflow/tfjs-core';
import type { Benchmark } from './harness.ts';

const available = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { backend: { type: 'string', default: 'cpu,wasm,webgpu' }, rounds: { type: 'string', default: '9' } },
});
const names = positionals.length ? positionals : available;
const unknown = names.find((name) => !available.includes(name));
if (unknown !== undefined) throw new Error(`bench: no benchmark ${unknown}; there are ${available.join(', ')}`);

const cpu = os.cpus()[0]?.model.trim() ?? 'unknown processor';
console.log(`${cpu}, ${os.cpus().length} cores; Node ${process.versions.node}, tfjs ${tfjsVersion}`);
try {
  for (const name of names) {
    const { default: benchmark } = (await import(`./${name}.bench.ts`)) as { default: Benchmark };
    console.log(
      `\n## ${benchmark.title}\n\n\`pnpm bench ${name}\`, medians of ${values.rounds} rounds, rivals in turn\n`,
    );
    await benchmark.run({
      backends: values.backend.split(',') as BackendName[],
      rounds: Number(values.rounds),
      print: (line) => console.log(line),
    });
  }
} catch (error) {
  // Left to itself the error would go through TF.js's wasm module, which prints its whole source with it.
  console.error(error);
  process.exit(1);
}
// Dawn keeps the process alive as long as its instance lives.
process.exit();
