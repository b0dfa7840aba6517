import { expectNamedError, expectNoLeak, forEachBackend, openTestBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { FusedAdam, type FusedOptimizer, FusedSgd, TrainOpsError } from './index.ts';
import './register.ts';

/** By default TF.js's own has 1e-7 too, but on webgl 1e-4. */
const EPSILON = 1e-7;

const rules: [string, () => FusedOptimizer, () => tf.Optimizer][] = [
  ['FusedSgd', () => new FusedSgd({ learningRate: 0.1 }), () => tf.train.momentum(0.1, 0.9)],
  ['FusedAdam', () => new FusedAdam({ learningRate: 0.1 }), () => tf.train.adam(0.1, 0.9, 0.999, EPSILON)],
];

const x = () => tf.tensor2d(randomValues(40, 1), [10, 4]);
const y = () => tf.tensor2d(randomValues(20, 2), [10, 2]);

function modelOf(optimizer: tf.Optimizer): tfl.LayersModel {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: 5,
        inputShape: [4],
        activation: 'tanh',
        kernelInitializer: tfl.initializers.glorotNormal({ seed: 1 }),
      }),
      tfl.layers.dense({ units: 2, kernelInitializer: tfl.initializers.glorotNormal({ seed: 2 }) }),
    ],
  });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  return model;
}

const fit = (model: tfl.LayersModel, epochs: number) =>
  model.fit(x(), y(), { epochs, batchSize: 10, shuffle: false, verbose: 0 });
const numbersOf = (model: tfl.LayersModel) => model.getWeights().map((weight) => Array.from(weight.dataSync()));
/** Both with what the optimizer remembers. */
async function saveAndLoad(model: tfl.LayersModel): Promise<tfl.LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  });
  await model.save(handler, { includeOptimizer: true });
  return tfl.loadLayersModel(tf.io.fromMemory(saved!));
}
const variablesOf = (model: tfl.LayersModel) => model.trainableWeights.map((weight) => weight.read() as tf.Variable);

forEachBackend((backend) => {
  it.each(rules)('%s trains a model as the stock optimizer does', async (_, ours, stock) => {
    const [mine, theirs] = [modelOf(ours()), modelOf(stock())];
    const [a, b] = [await fit(mine, 5), await fit(theirs, 5)];
    await expect(a.history.loss as number[]).toBeAllClose(b.history.loss as number[], { relative: 1e-4 });
    for (const [i, weight] of mine.getWeights().entries()) {
      await expect(weight).toBeAllClose(theirs.getWeights()[i]!, { relative: 1e-3 });
    }
  });

  it.each(rules)('%s goes on from an exported state', async (_, make) => {
    const straight = modelOf(make());
    await fit(straight, 4);
    const first = make();
    const model = modelOf(first);
    await fit(model, 2);
    const state = await first.exportState();
    const second = make();
    second.importState(structuredClone(state));
    model.compile({ optimizer: second, loss: 'meanSquaredError' });
    await fit(model, 2);
    expect(second.iterations).toBe(4);
    for (const [i, weight] of model.getWeights().entries()) {
      // The same numbers to the bit where sums have one order.
      if (backend === 'cpu') expect(Array.from(weight.dataSync())).toEqual(numbersOf(straight)[i]);
      else await expect(weight).toBeAllClose(straight.getWeights()[i]!, { relative: 1e-6 });
    }
  });

  it.each(rules)('%s keeps its slots, frees them, and leaks nothing', async (_, make) => {
    const optimizer = make();
    const model = modelOf(optimizer);
    const step = () =>
      optimizer.minimize(
        () => (model.apply(x(), { training: true }) as tf.Tensor).square().mean() as tf.Scalar,
        false,
        variablesOf(model),
      );
    const before = tf.memory().numTensors;
    tf.tidy(() => void step());
    const slots = tf.memory().numTensors - before;
    expect(slots).toBe(optimizer.getClassName() === 'FusedSgd' ? 1 : 2); // all parameters are small: one bucket
    expectNoLeak(() => tf.tidy(() => void step()));
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('an optimizer', () => {
  beforeAll(() => openTestBackend('cpu'));

  it('sees what others assign to a variable, and they see its steps', () => {
    const variable = tf.variable(tf.tensor1d([1, 2]));
    const optimizer = new FusedSgd({ learningRate: 0.5, momentum: 0 });
    const step = () => optimizer.applyGradients([{ name: variable.name, tensor: tf.tensor1d([1, 1]) }]);
    step();
    expect(Array.from(variable.dataSync())).toEqual([0.5, 1.5]);
    variable.assign(tf.tensor1d([10, 20]));
    optimizer.learningRate = 2;
    step();
    expect(Array.from(variable.dataSync())).toEqual([8, 18]);
  });

  it("takes its rate and the number of its step from tensors, which stay the caller's", async () => {
    // As a recorded step would be replayed: the tensors change, and the count is kept by whoever replays.
    const make = (name: string) => tf.variable(tf.tensor1d([1, 2]), true, name);
    const [usual, replayed] = [make('usual'), make('replayed')];
    const [own, given] = [new FusedAdam({ learningRate: 0.1 }), new FusedAdam({ learningRate: tf.scalar(0.1) })];
    for (let step = 1; step <= 3; step++) {
      own.learningRate = 0.1 * step;
      const [rate, at] = [tf.scalar(0.1 * step), tf.scalar(step)];
      Object.assign(given, { learningRate: rate, step: at, iterations: 7 });
      own.applyGradients([{ name: usual.name, tensor: tf.tensor1d([1, -step]) }]);
      given.applyGradients([{ name: replayed.name, tensor: tf.tensor1d([1, -step]) }]);
      expect([rate.isDisposed, at.isDisposed]).toEqual([false, false]);
      await expect(replayed).toBeAllClose(usual, { relative: 1e-5 });
    }
    given.iterations = 3;
    expect((await given.exportState()).step).toBe(3);
    given.step = undefined;
    given.learningRate = 0.1;
    own.learningRate = 0.1;
    own.applyGradients([{ name: usual.name, tensor: tf.tensor1d([1, 1]) }]);
    given.applyGradients([{ name: replayed.name, tensor: tf.tensor1d([1, 1]) }]);
    await expect(replayed).toBeAllClose(usual, { relative: 1e-5 });
    for (const optimizer of [own, given]) optimizer.dispose();
  });

  it('decays those parameters that it is told to', () => {
    const [a, b] = [tf.variable(tf.tensor1d([1]), true, 'decays'), tf.variable(tf.tensor1d([1]), true, 'stays')];
    const decays = ({ name }: tf.Variable) => name === 'decays';
    const optimizer = new FusedSgd({ learningRate: 1, weightDecay: 0.5, decay: 'decoupled', decays });
    optimizer.applyGradients({ decays: tf.zeros([1]), stays: tf.zeros([1]) } as never);
    expect([a.dataSync()[0], b.dataSync()[0]]).toEqual([0.5, 1]);
  });

  it.each(rules)('%s is saved with its model, and takes its weights back', async (_, make) => {
    const optimizer = make();
    const model = modelOf(optimizer);
    await fit(model, 2);
    const weights = await optimizer.getWeights();
    expect(weights[0]!.name).toBe('iter');
    const held = weights.map(({ name, tensor }) => ({ name, tensor: tensor.clone() }));
    const state = await optimizer.exportState();
    await fit(model, 1);
    expect(await optimizer.exportState()).not.toEqual(state);
    await optimizer.setWeights(held);
    expect(await optimizer.exportState()).toEqual(state);
    const type = optimizer.constructor as unknown as { new (config: object): FusedOptimizer };
    expect(new type(optimizer.getConfig()).getConfig()).toEqual(optimizer.getConfig());
    const foreign = [held[0]!, ...held.slice(1).map(({ name }) => ({ name, tensor: tf.zeros([2]) }))];
    const got = held
      .slice(1)
      .map(() => '[2]')
      .join(', ');
    const message = `train-ops.${optimizer.getClassName()}: weights must be from getWeights for these parameters, got [${got}]`;
    await expectNamedError(() => optimizer.setWeights(foreign), TrainOpsError, message);
  });

  it.each(rules)('%s goes on after its model is saved and loaded', async (_, make) => {
    const model = modelOf(make());
    await fit(model, 2);
    const loaded = await saveAndLoad(model);
    await fit(model, 2);
    await fit(loaded, 2);
    expect(numbersOf(loaded)).toEqual(numbersOf(model));
    expect(loaded.optimizer.getClassName()).toBe(model.optimizer.getClassName());
  });

  it.each([FusedSgd, FusedAdam])(
    '%o is saved with which parameters decay, and again before it goes on',
    async (Type) => {
      const decays = ({ name }: tf.Variable) => name.includes('kernel');
      const model = modelOf(new Type({ learningRate: 0.1, weightDecay: 0.5, decays }));
      await fit(model, 2);
      const loaded = await saveAndLoad(await saveAndLoad(model));
      await fit(model, 2);
      await fit(loaded, 2);
      expect(numbersOf(loaded)).toEqual(numbersOf(model));
    },
  );

  it('goes on from what it was given last', async () => {
    const optimizer = new FusedSgd({ learningRate: 0 });
    const model = modelOf(optimizer);
    await fit(model, 1);
    const old = (await optimizer.getWeights()).map(({ name, tensor }) => ({ name, tensor: tensor.clone() }));
    await fit(model, 1);
    const latest = await optimizer.exportState();
    const next = new FusedSgd({ learningRate: 0, momentum: 0 });
    await next.setWeights(old);
    next.importState(latest);
    expect(await next.exportState()).toEqual(latest);
    next.importState(latest);
    await next.setWeights(old);
    expect((await next.getWeights()).map(({ name, tensor }) => [name, Array.from(tensor.dataSync())])).toEqual(
      old.map(({ name, tensor }) => [name, Array.from(tensor.dataSync())]),
    );
  });

  const named = (...names: string[]) => names.map((name) => ({ name, tensor: tf.ones([2]) }));
  const settled = () => {
    for (const name of ['first', 'second']) {
      if (!tf.engine().registeredVariables[name]) tf.variable(tf.ones([2]), true, name);
    }
    const optimizer = new FusedSgd({ learningRate: 0.1 });
    optimizer.applyGradients(named('first', 'second'));
    return optimizer;
  };
  const slots = { velocity: new Float32Array(3) };
  it.each<[string, () => unknown, string]>([
    ['rate', () => new FusedSgd({ learningRate: -1 }), 'learningRate must be a finite number >= 0, got -1'],
    ['momentum', () => new FusedSgd({ learningRate: 1, momentum: 1 }), 'momentum must be in [0, 1), got 1'],
    [
      'decay',
      () => new FusedSgd({ learningRate: 1, decay: 'l1' as never }),
      "decay must be 'l2' or 'decoupled', got 'l1'",
    ],
    [
      'shape of the rate',
      () => new FusedSgd({ learningRate: tf.ones([1]) as never }),
      'learningRate must have shape [], got [1]',
    ],
    [
      'rate to save',
      () => new FusedSgd({ learningRate: tf.scalar(1) }).getConfig(),
      'learningRate must be a number to be saved, got a Tensor',
    ],
    [
      'decay to save',
      () => new FusedSgd({ learningRate: 1, decays: () => true }).getConfig(),
      'there must be a step first, got 0',
    ],
    [
      'slots that nobody has ordered',
      async () => {
        const optimizer = new FusedSgd({ learningRate: 1 });
        await optimizer.setWeights([{ name: 'iter', tensor: tf.scalar(3) }, ...named('slot')]);
        return optimizer.exportState();
      },
      'there must be a step first, got 3',
    ],
    [
      'a state that nobody has ordered',
      () => {
        const optimizer = new FusedSgd({ learningRate: 1 });
        optimizer.importState({ step: 3, sizes: [3], slots });
        return optimizer.getWeights();
      },
      'there must be a step first, got 3',
    ],
    ['count', () => Object.assign(settled(), { iterations: -1 }), 'iterations must be an integer >= 0, got -1'],
    ['none', () => settled().applyGradients([]), 'the parameters must be the 2 of the first step, got []'],
    [
      'none at first',
      () => new FusedSgd({ learningRate: 1 }).applyGradients([]),
      'there must be a parameter with a gradient, got []',
    ],
    [
      'unknown',
      () => new FusedSgd({ learningRate: 1 }).applyGradients(named('nobody')),
      "every gradient must name a variable, got ['nobody']",
    ],
    ['step', () => settled().importState({ step: -1, sizes: [], slots: {} }), 'step must be an integer >= 0, got -1'],
    [
      'foreign state',
      () => settled().importState({ step: 1, sizes: [3], slots }),
      'the state must be of parameters of sizes [2, 2], got [3]',
    ],
    [
      'damaged state',
      () => new FusedSgd({ learningRate: 1 }).importState({ step: 1, sizes: [4], slots }),
      'slot velocity must hold 4 numbers, got 3',
    ],
  ])('is refused by a named error: %s', async (_, call, rule) => {
    await expectNamedError(call, TrainOpsError, `train-ops.FusedSgd: ${rule}`);
  });
});
