// A training step on the processor beside PyTorch's and that of tfjs-node: the same network, recipe and batch, and as many threads.
import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { openThreadedBackend } from '@stridelab/wasm/node';
import { registerWasmTraining } from '@stridelab/wasm/training';
import { network, ours, training } from './gpu/networks.ts';
import { type Benchmark, markdownTable, milliseconds, ratio, summarize, type Timing } from './harness.ts';
import { KINDS, type Kind, SIZE, STEPS, times } from './peers/steps.ts';

/** Rivals take turns so often at most: steps take seconds. */
const MOST_TURNS = 3;

const fileOf = (name: string) => fileURLToPath(new URL(`peers/${name}`, import.meta.url));

interface Answer {
  name: string;
  times: number[];
}

/** What a program prints, or the last it says where it fails. */
function ask(command: string, ...words: (string | number)[]): Answer | string {
  const { status, stdout, stderr, error } = spawnSync(command, words.map(String), { encoding: 'utf8' });
  return status === 0 ? JSON.parse(stdout) : (error?.message ?? stderr.trim().split('\n').at(-1)!);
}

/** Its answer, or why there is none. */
type Rival = (kind: Kind, threads: number) => Answer | string;

const onTfjsNode = (whose: 'ours' | 'stock', kind: Kind) =>
  process.env.STRIDELAB_TENSORFLOW
    ? ask(process.execPath, '--import', 'tsx', fileOf('tfjs-node.ts'), whose, kind)
    : 'STRIDELAB_TENSORFLOW should name the native addon of tfjs-node';

/** TF.js has no layer that learns strides. PyTorch's is of the Python that STRIDELAB_PYTHON names. */
const RIVALS: Record<string, Rival> = {
  ours: (kind) => ({ name: 'WebAssembly', times: times(training(network(kind, SIZE), ours(), SIZE)) }),
  'ours on tfjs-node': (kind) => onTfjsNode('ours', kind),
  'stock TF.js on tfjs-node': (kind) => (kind === 'strided' ? onTfjsNode('stock', kind) : 'TF.js has no such layer'),
  PyTorch: (kind, threads) =>
    ask(process.env.STRIDELAB_PYTHON ?? 'python3', fileOf('resnet18.py'), kind, SIZE.batch, STEPS, threads),
};

const benchmark: Benchmark = {
  title: `A training step of ResNet-18 on the processor, batch ${SIZE.batch}`,
  async run({ backends, rounds, print }) {
    if (!backends.includes('wasm')) return;
    registerWasmTraining();
    const threads = await openThreadedBackend({ threads: os.availableParallelism() });
    const samples = new Map<string, number[]>();
    const names = new Set<string>();
    const missing = new Set<string>();
    for (const kind of KINDS) {
      for (let turn = 0; turn < Math.min(rounds, MOST_TURNS); turn++) {
        for (const [rival, run] of Object.entries(RIVALS)) {
          const answer = run(kind, threads);
          if (typeof answer === 'string') {
            missing.add(`No ${rival}, ${kind}: ${answer}`);
            continue;
          }
          names.add(answer.name);
          samples.set(`${kind} ${rival}`, [...(samples.get(`${kind} ${rival}`) ?? []), ...answer.times]);
        }
      }
    }
    print(`${threads} threads; ${[...names].join(', ')}. In brackets the fastest step; times PyTorch's.\n`);
    for (const line of missing) print(`${line}\n`);
    const timing = (kind: Kind, rival: string) => summarizeIfAny(samples.get(`${kind} ${rival}`));
    const cells = (kind: Kind) =>
      Object.keys(RIVALS).map((rival) => cell(timing(kind, rival), timing(kind, 'PyTorch')));
    print(
      markdownTable(
        ['step', ...Object.keys(RIVALS)],
        KINDS.map((kind) => [kind, ...cells(kind)]),
      ),
    );
  },
};

const summarizeIfAny = (samples: number[] | undefined) => samples && summarize(samples);

function cell(timing: Timing | undefined, base: Timing | undefined): string {
  if (!timing) return '';
  const times = base && base !== timing ? `, ${ratio(timing, base).median.toFixed(2)}x` : '';
  return `${milliseconds(timing)} (${timing.min.toFixed(0)}) ms${times}`;
}

export default benchmark;
