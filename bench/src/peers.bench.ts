// A training step on the processor, beside PyTorch's: the same network, recipe and batch, and as many threads.
import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { openThreadedBackend } from '@stridelab/wasm/node';
import { registerWasmTraining } from '@stridelab/wasm/training';
import { network, ours, type Size, sizeFor, training } from './gpu/networks.ts';
import { type Benchmark, markdownTable, milliseconds, ratio, summarize, type Timing } from './harness.ts';

const KINDS = ['strided', 'diffstride'] as const;
type Kind = (typeof KINDS)[number];

const SIZE: Size = { ...sizeFor({ tiny: false }), batch: 32 };
const WARM_UP = 2;
const STEPS = 3;
/** Rivals take turns so often at most: steps take seconds. */
const MOST_TURNS = 3;

const SCRIPT = fileURLToPath(new URL('peers/resnet18.py', import.meta.url));

function ownTimes(kind: Kind): number[] {
  const { step, images, labels, dispose } = training(network(kind, SIZE), ours(), SIZE);
  const times = Array.from({ length: WARM_UP + STEPS }, () => {
    const start = performance.now();
    step(images, labels).dispose();
    return performance.now() - start;
  });
  dispose();
  return times.slice(WARM_UP);
}

/** Of the Python that STRIDELAB_PYTHON names; none, where that has no PyTorch. */
function peerTimes(kind: Kind, threads: number): { name: string; times: number[] } | undefined {
  const python = process.env.STRIDELAB_PYTHON ?? 'python3';
  const { status, stdout } = spawnSync(python, [SCRIPT, kind, SIZE.batch, STEPS, threads].map(String), {
    encoding: 'utf8',
  });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

const benchmark: Benchmark = {
  title: `A training step of ResNet-18 on the processor, batch ${SIZE.batch}`,
  async run({ backends, rounds, print }) {
    if (!backends.includes('wasm')) return;
    registerWasmTraining();
    const threads = await openThreadedBackend({ threads: os.availableParallelism() });
    let peer = `no PyTorch: STRIDELAB_PYTHON should name a Python that has it`;
    const rows: string[][] = [];
    for (const kind of KINDS) {
      const samples: Record<'own' | 'peer', number[]> = { own: [], peer: [] };
      for (let turn = 0; turn < Math.min(rounds, MOST_TURNS); turn++) {
        samples.own.push(...ownTimes(kind));
        const other = peerTimes(kind, threads);
        if (other === undefined) continue;
        peer = other.name;
        samples.peer.push(...other.times);
      }
      rows.push([kind, ...cells(summarize(samples.own), samples.peer.length ? summarize(samples.peer) : undefined)]);
    }
    print(`${threads} threads; ${peer}\n`);
    print(markdownTable(['step', 'ours', 'PyTorch', 'ours / PyTorch', 'fastest of each'], rows));
  },
};

function cells(own: Timing, peer: Timing | undefined): string[] {
  if (peer === undefined) return [`${milliseconds(own)} ms`, '', '', ''];
  const { fastest } = ratio(own, peer);
  return [
    `${milliseconds(own)} ms`,
    `${milliseconds(peer)} ms`,
    `${(own.median / peer.median).toFixed(2)}x`,
    `${fastest.toFixed(2)}x`,
  ];
}

export default benchmark;
