import { forEachBackend } from '@stridelab/test-kit';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { fit } from './fit.ts';
import { readStrides } from './strides.ts';
import { ofType, recorder, smallData, ToyStride } from './test-tools.ts';

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
  });

  it('follows them through a training', async () => {
    const { events, onEvent } = recorder();
    const options = { epochs: 2, schedule: 0.5, onEvent, multiplyAdds: () => 7 };
    await fit(model(), smallData(), options);
    const epochs = ofType(events, 'epoch');
    expect(epochs[1]!.strides[0]!.strides).not.toEqual([2, 2]);
    expect(epochs[1]).toMatchObject({ multiplyAdds: 7, strides: [{ to: [3, 3] }, { to: [1, 3] }] });
  });
}, ['cpu']);
