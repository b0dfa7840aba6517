import { DiffStride, StrideRegularizer } from '@stridelab/diffstride';
import { forEachBackend } from '@stridelab/test-kit';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it, vi } from 'vitest';
import { DivergedError } from './errors.ts';
import { fit } from './fit.ts';
import { readStrides } from './strides.ts';
import { memoryStore, ofType, recorder, smallData, ToyStride } from './test-tools.ts';

forEachBackend(() => {
  const model = () => {
    const inner = tfl.sequential({ layers: [new ToyStride({ name: 'inner', inputShape: [6, 6, 1] })] });
    return tfl.sequential({
      layers: [
        inner,
        tfl.layers.maxPooling2d({ poolSize: 1, strides: [3, 1], name: 'fixed' }),
        tfl.layers.maxPooling2d({ poolSize: 1, strides: 1 }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 3, kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }) }),
      ],
    });
  };

  it('reads strides, learned and fixed, within models too, and the maps that follow', async () => {
    expect(await readStrides(model(), [6, 6, 1])).toEqual([
      { layer: 'inner', strides: [2, 2], learned: true, from: [6, 6], to: [3, 3] },
      { layer: 'fixed', strides: [3, 1], learned: false, from: [3, 3], to: [1, 3] },
    ]);
    expect((await readStrides(model(), [null, 6, 1]))[0]).toMatchObject({ from: [], to: [] });
    expect((await readStrides(model()))[0]).toMatchObject({ strides: [2, 2], from: [], to: [] });
  });

  it('follows them through a training', async () => {
    const { events, onEvent } = recorder();
    const options = { epochs: 2, schedule: 0.5, onEvent, multiplyAdds: () => 7 };
    await fit(model(), smallData(), options);
    const epochs = ofType(events, 'epoch');
    expect(epochs[1]!.strides[0]!.strides).not.toEqual([2, 2]);
    expect(epochs[1]).toMatchObject({ multiplyAdds: 7, strides: [{ to: [3, 3] }, { to: [1, 3] }] });
  });

  it('saves nothing before it has heard of what went wrong with them', async () => {
    const pool = new ToyStride({ inputShape: [6, 6, 1] });
    const network = tfl.sequential({ layers: [pool, tfl.layers.flatten(), tfl.layers.dense({ units: 3 })] });
    const checkpoints = memoryStore();
    const training = fit(network, smallData(), {
      epochs: 1,
      schedule: 0.1,
      checkpoints,
      checkpointEvery: { steps: 2 },
      onEvent: ({ type }) => {
        if (type === 'step') vi.spyOn(pool, 'readStrides').mockRejectedValue(new Error('no room'));
      },
    });
    await expect(training).rejects.toThrow('no room');
    expect(checkpoints.states).toEqual([]);
  });

  it('lets the penalty on computation of diffstride into the loss, once, and it moves strides', async () => {
    const train = async (lambda: number) => {
      const { events, onEvent } = recorder();
      const pool = new DiffStride({ strides: 1.5, smoothnessFactor: 2, inputShape: [6, 6, 1] });
      const head = tfl.layers.dense({ units: 3, kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }) });
      const network = tfl.sequential({ layers: [pool, tfl.layers.globalAveragePooling2d({}), head] });
      const penalty = StrideRegularizer.ofModel(network, lambda);
      if (lambda > 0) penalty.attach();
      const start = (await penalty.apply().data())[0]!;
      await fit(network, smallData(), { epochs: 2, schedule: 0.1, onEvent });
      return { loss: ofType(events, 'step')[0]!.loss, start, strides: await pool.readStrides() };
    };
    const [free, penalized] = [await train(0), await train(0.5)];
    expect(penalized.start).toBeCloseTo(0.5 / 1.5 ** 2, 5);
    expect(penalized.loss).toBeCloseTo(free.loss + penalized.start, 5);
    expect(penalized.strides[0]).toBeGreaterThan(free.strides[0]!);
  });

  it('ends in the loss that is no number, and not in the strides that it led to', async () => {
    const seeded = () => tfl.initializers.glorotUniform({ seed: 1 });
    const network = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ inputShape: [6, 6, 1], filters: 4, kernelSize: 3, kernelInitializer: seeded() }),
        new DiffStride({ strides: 1.5, smoothnessFactor: 1 }),
        tfl.layers.globalAveragePooling2d({}),
        tfl.layers.dense({ units: 3, kernelInitializer: seeded() }),
      ],
    });
    const { events, onEvent } = recorder();
    const training = fit(network, smallData(), { epochs: 6, schedule: 1e9, optimizer: { kind: 'sgd' }, onEvent });
    const failure = await training.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DivergedError);
    // Of the step after the last one that was told.
    expect((failure as DivergedError).step).toBe(ofType(events, 'step').length);
  });
}, ['cpu']);
