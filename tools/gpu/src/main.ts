// The bundle's program: tests, then numbers; or a training run. Help is below.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { answer } from './children.ts';

const HELP = `Tests and numbers of Stridelab on this machine's GPU.

  node stridelab-gpu.mjs [part of a test file's name ...] [flags]
  node stridelab-gpu.mjs train -- [flags of npm start]

  --no-tests          numbers alone
  --no-numbers        tests alone
  --sections A,B,...  only these numbers (of limits, strided, diffstride, stock, plain, profile, convolutions, layer, train-ops;
                      and products, products-split, which take minutes and are left out unless they are named)
  --only TEXT         of convolutions and products, those whose name has this, such as 'd filter'
  --variant 'A=1 B=2' every section once more with these variables, and a table of the difference; may be given again
  --peer FILE         what the peer's script printed, for its columns of the table
  --jobs N            test files at a time (default: half as many as there are cores, 8 at most)
  --patience N        seconds that one file or section may take (default 300)
  --limit N           no section begins after so many seconds (default 540)
  --tiny              sizes and lengths that a GPU in software can do: proves that everything runs
  --help              this

Exit codes: 0 all is well, 1 something failed, 2 called wrongly.`;

const OPTIONS = {
  'no-tests': { type: 'boolean', default: false },
  'no-numbers': { type: 'boolean', default: false },
  sections: { type: 'string', default: '' },
  only: { type: 'string', default: '' },
  variant: { type: 'string', multiple: true, default: [] as string[] },
  peer: { type: 'string' },
  jobs: { type: 'string', default: String(Math.max(1, Math.min(8, availableParallelism() >> 1))) },
  patience: { type: 'string', default: '300' },
  limit: { type: 'string', default: '540' },
  tiny: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

async function main(args: string[]): Promise<number> {
  if (args[0] === '--child') return child(args[1]!, args[2]!);
  if (args[0] === 'train') {
    process.env.STRIDELAB_BOUNDS_CHECKS ??= '0'; // as train-cifar has it
    const { start } = await import('train-cifar/src/start.ts');
    return start(args.slice(args[1] === '--' ? 2 : 1));
  }
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const wrong = values.variant.find((variant) => !/^\w+=\S*( \w+=\S*)*$/.test(variant));
  if (wrong !== undefined) {
    console.error(`--variant: must be NAME=VALUE, or several with a space between, got ${JSON.stringify(wrong)}`);
    return 2;
  }
  const print = (line: string) => console.log(line);
  const { tiny, only, peer } = values;
  const patience = Number(values.patience);
  // For this process's children: trainings at full length, and all that the device has.
  if (!tiny) process.env.STRIDELAB_GPU ??= '1';
  let failures = 0;
  if (!values['no-tests']) {
    const { runTests } = await import('./run-tests.ts');
    const plainToo = process.env.STRIDELAB_GPU === '1';
    failures += await runTests({ filters: positionals, jobs: Number(values.jobs), plainToo, patience, print });
  }
  if (!values['no-numbers']) {
    const { runNumbers } = await import('./run-numbers.ts');
    const names = values.sections.split(',').filter(Boolean);
    const { variant: variants, limit } = values;
    failures += await runNumbers({ names, tiny, only, variants, peer, patience, limit: Number(limit), print });
  }
  print(failures ? `${failures} failed` : 'All is well.');
  return failures ? 1 : 0;
}

async function child(kind: string, what: string): Promise<never> {
  if (kind === 'test') {
    const { runTestFile } = await import('@stridelab/test-bundle');
    return answer(() => runTestFile(what));
  }
  const { runSection } = await import('@stridelab/bench/gpu');
  return answer(() => runSection(JSON.parse(what)));
}

main(process.argv.slice(2)).then(
  // Dawn keeps the process alive as long as its instance lives.
  (status) => process.exit(status),
  (error) => {
    console.error(error);
    process.exit(String(error?.code).startsWith('ERR_PARSE_ARGS') ? 2 : 1);
  },
);
