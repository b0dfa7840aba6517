// Steps that nobody would write, in programs that do all sorts of things in between, drawn at random: recorded, they end where
// they end as they are.
import { openTestBackend, randomValues } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import { FusedSgd } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { internalsOf } from '../gpu/backend.ts';
import { memoryOf } from '../memory/memory.ts';
import { registerWebgpuTraining, restore } from '../training.ts';
import { captureStep } from './capture-step.ts';

beforeAll(async () => {
  await openTestBackend('webgpu');
  registerWebgpuTraining();
});
afterAll(restore);

const VARIABLES = 4;
const CALLS = 12;

/** Whole numbers from 0 to below n, the same for each seed. */
function drawing(seed: number): (n: number) => number {
  const values = randomValues(1000, seed).map((value) => Math.abs(value * 1e4) % 1);
  let at = 0;
  return (n) => Math.floor(values[at++ % values.length]! * n);
}

type Tensors = (tf.Tensor | undefined)[];
type Instruction = (tensors: Tensors, variables: tf.Variable[]) => void;
/** Of a step's tensors: its input, a tensor of the program, the variables, and what it computed. */
const INPUT = 0;
const TABLE = 1;
const FIRST = 2 + VARIABLES;

/** Adds, multiplies, clones, assigns, and moves in place, and gives some of what there is then. */
function randomStep(draw: (n: number) => number, variables: tf.Variable[], table: tf.Tensor, optimizers: FusedSgd[]) {
  let count = FIRST;
  const any = () => draw(count);
  const instructions = Array.from({ length: 3 + draw(7) }, (): Instruction => {
    const [kind, a, b, v] = [draw(10), any(), any(), draw(VARIABLES)];
    if (kind < 4) {
      const at = count++;
      const op = [tf.add, tf.sub, tf.mul, tf.maximum][kind]!;
      return (of) => {
        of[at] = tf.clipByValue(op(of[a]!, of[b]!), -100, 100);
      };
    }
    if (kind < 6) {
      const at = count++;
      return (of) => {
        of[at] = kind === 4 ? tf.clone(of[a]!) : tf.tensor1d([v, -v]);
      };
    }
    if (kind === 6) {
      const optimizer = new FusedSgd({ learningRate: 0.25 });
      optimizers.push(optimizer);
      return (of, all) => optimizer.applyGradients({ [all[v]!.name]: tf.clone(of[a]!) });
    }
    return (of, all) => {
      if (of[a] !== all[v]) all[v]!.assign(of[a] as never);
    };
  });
  const given = Array.from({ length: draw(4) }, any);
  return (x: tf.Tensor) => {
    const tensors: Tensors = [];
    [tensors[INPUT], tensors[TABLE]] = [x, table];
    for (const [i, variable] of variables.entries()) tensors[2 + i] = variable;
    for (const run of instructions) run(tensors, variables);
    return given.map((at) => tensors[at]!);
  };
}

/** What the program itself does to the variables, and to copies of them that it keeps. */
function meddle(draw: (n: number) => number, variables: tf.Variable[], copies: tf.Tensor[]): void {
  const [v, w, kind] = [variables[draw(VARIABLES)]!, variables[draw(VARIABLES)]!, draw(6)];
  const copy = copies[draw(Math.max(1, copies.length))];
  if (kind === 0) v.assign(tf.tensor1d([draw(9), 1]));
  else if (kind === 1) copies.push(tf.keep(tf.clone(v)));
  else if (kind === 2 && copy) v.assign(copy as never);
  else if (kind === 3 && copy) copies.splice(copies.indexOf(copy), 1)[0]!.dispose();
  else if (kind === 4 && v !== w) {
    const before = tf.clone(v);
    v.assign(w as never);
    w.assign(before as never);
  } else if (kind === 5) v.assign(tf.clipByValue(tf.add(v, w), -100, 100));
}

async function run(seed: number, wrap: typeof captureStep) {
  const draw = drawing(seed);
  const variables = Array.from({ length: VARIABLES }, (_, i) =>
    tf.tidy(() => tf.variable(draw(2) ? tf.tensor1d([i + 1, 2 * i]) : tf.add(tf.fill([2], i), 0.5))),
  );
  const table = tf.tensor1d([3, 4]);
  const optimizers: FusedSgd[] = [];
  const steps = [0, 1].map(() => wrap(randomStep(draw, variables, table, optimizers)));
  const copies: tf.Tensor[] = [];
  const numbers: number[] = [];
  const note = async (tensors: readonly tf.Tensor[]) => {
    for (const tensor of tensors) numbers.push(...(await tensor.data()));
  };
  for (let i = 0; i < CALLS; i++) {
    for (let j = i < 3 ? 0 : draw(4); j > 0; j--) tf.tidy(() => meddle(draw, variables, copies));
    const x = draw(2) ? tf.tensor1d([i, 1]) : tf.tidy(() => tf.add(tf.fill([2], i), 0.5));
    const given = steps[draw(4) ? 0 : 1]!(x);
    if (draw(2)) await note(given);
    tf.dispose([given, x]);
    if (draw(2)) await note(variables);
  }
  await note([...variables, ...copies]);
  const replays = steps.reduce((sum, { statistics }) => sum + (statistics?.replays ?? 0), 0);
  for (const one of [...steps, ...optimizers]) one.dispose?.();
  tf.dispose([variables, copies, table]);
  return { numbers, replays };
}

/** As it is. Its results are its caller's too. */
const plain = ((step: (x: tf.Tensor) => tf.Tensor[]) => (x: tf.Tensor) =>
  tf.tidy(() => step(x).map((tensor) => tf.mul(tensor, 1)))) as never;

it('ends with the same numbers, and leaves no memory behind', async () => {
  const used = () => memoryOf(internalsOf(tf.backend())).getNumUsedBuffers();
  let replays = 0;
  for (let seed = 1; seed <= 25; seed++) {
    const expected = await run(seed, plain);
    const recorded = await run(seed, captureStep);
    expect(recorded.numbers, `program ${seed}`).toEqual(expected.numbers);
    replays += recorded.replays;
  }
  expect(replays).toBeGreaterThan(150);
  expect(await takeGpuErrors()).toEqual([]);
  // What was disposed of last waits for the next commands.
  const last = tf.fill([1], 1);
  await last.data();
  last.dispose();
  expect(used()).toBe(0);
});
