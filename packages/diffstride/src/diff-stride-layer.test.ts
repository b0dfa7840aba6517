import { expectNamedError, expectNoLeak, forEachBackend, randomTensor as random } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it, vi } from 'vitest';
import { DiffStride, DiffStride1D, type DiffStrideArgs } from './diff-stride-layer.ts';
import { diffStride2d } from './diff-stride2d.ts';
import { downsampledSize } from './downsampled-size.ts';
import { DiffStrideError } from './errors.ts';
import './register.ts';

forEachBackend((backend) => {
  const layerOf = (args: DiffStrideArgs, shape: number[]) => {
    const layer = new DiffStride(args);
    layer.build(shape);
    return layer;
  };

  it('computes what the function computes, and its gradients', async () => {
    const layer = layerOf({ strides: [1.7, 2.3], smoothnessFactor: 3 }, [2, 15, 13, 2]);
    const x = random([2, 15, 13, 2]) as tf.Tensor4D;
    const strides = tf.tensor1d([1.7, 2.3]);
    const loss = (y: tf.Tensor) => tf.sum(tf.square(y)) as tf.Scalar;
    const { value, grads } = tf.variableGrads(() => loss(layer.apply(x) as tf.Tensor), [layer.strides]);
    const expected = tf.valueAndGrad((s: tf.Tensor) => loss(diffStride2d(x, s, { smoothness: 3 })))(strides);
    await expect(value).toBeAllClose(expected.value);
    await expect(Object.values(grads)[0]!).toBeAllClose(expected.grad, { relative: 1e-5 });
  });

  it('brings strides back into their range when training, and only then', async () => {
    const layer = layerOf({ strides: 2, lowerLimitStride: 1.5, upperLimitStride: 3 }, [1, 16, 16, 1]);
    const x = random([1, 16, 16, 1]);
    layer.setWeights([tf.tensor1d([0.4, 7])]);
    const inferred = layer.apply(x) as tf.Tensor;
    expect((await layer.readStrides()).map(Math.fround)).toEqual([Math.fround(0.4), 7]);
    layer.apply(x, { training: true });
    expect(await layer.readStrides()).toEqual([1.5, 3]);
    await expect(layer.apply(x) as tf.Tensor).toBeAllClose(inferred);
    layer.setWeights([tf.tensor1d([1.1, 2])]);
    tf.variableGrads(() => tf.sum(layer.apply(x) as tf.Tensor) as tf.Scalar);
    expect(await layer.readStrides()).toEqual([1.5, 2]);
  });

  it('raises strides to the least that the mask allows, with gradient straight through', async () => {
    const layer = layerOf({ strides: 1 }, [1, 16, 16, 1]);
    const x = random([1, 16, 16, 1]);
    const loss = () => tf.sum(tf.square(layer.apply(x) as tf.Tensor)) as tf.Scalar;
    const { grads } = tf.variableGrads(loss, [layer.strides]);
    expect(await layer.readStrides()).toEqual([Math.fround(16 / 12), Math.fround(16 / 12)]);
    for (const slope of await Object.values(grads)[0]!.data()) expect(Math.abs(slope)).toBeGreaterThan(0);
  });

  it.each([1.3, 1.7])(
    'has gradient at a limit of %d that it was brought back to, however float32 rounds it',
    async (limit) => {
      const x = random([1, 16, 16, 1]);
      for (const [name, beyond] of [
        ['lowerLimitStride', 1.2],
        ['upperLimitStride', 3],
      ] as const) {
        const layer = layerOf({ smoothnessFactor: 2, [name]: limit }, [1, 16, 16, 1]);
        layer.setWeights([tf.tensor1d([beyond, beyond])]);
        const loss = () => tf.sum(tf.square(layer.apply(x) as tf.Tensor)) as tf.Scalar;
        const slopes = async () => Object.values(tf.variableGrads(loss, [layer.strides]).grads)[0]!.data();
        await slopes();
        expect(await layer.readStrides()).toEqual([Math.fround(limit), Math.fround(limit)]);
        for (const slope of await slopes()) expect(Math.abs(slope)).toBeGreaterThan(0);
      }
    },
  );

  it('keeps its strides as they are in a model that is frozen as a whole', async () => {
    const layer = new DiffStride({ strides: 1.1, inputShape: [16, 16, 1] });
    const model = tfl.sequential({ layers: [layer] });
    model.trainable = false;
    tf.grad((v: tf.Tensor) => model.apply(v, { training: true }) as tf.Tensor)(random([1, 16, 16, 1]));
    expect(await layer.readStrides()).toEqual([Math.fround(1.1), Math.fround(1.1)]);
  });

  it('adds the gradients of two branches that share it', async () => {
    const layer = layerOf({ strides: 2 }, [1, 12, 12, 1]);
    const [a, b] = [random([1, 12, 12, 1], 1), random([1, 12, 12, 1], 2)];
    const loss = (...xs: tf.Tensor[]) =>
      xs.map((x) => tf.sum(tf.square(layer.apply(x) as tf.Tensor))).reduce((s, t) => tf.add(s, t)) as tf.Scalar;
    const of = (...xs: tf.Tensor[]) => Object.values(tf.variableGrads(() => loss(...xs), [layer.strides]).grads)[0]!;
    await expect(of(a!, b!)).toBeAllClose(tf.add(of(a!), of(b!)), { relative: 1e-5 });
  });

  it('has no leak, whatever its size does, and learns nothing when frozen', async () => {
    const layer = layerOf({ strides: 2 }, [1, 16, 16, 2]);
    const x = random([1, 16, 16, 2]);
    const optimizer = tf.train.sgd(0.01);
    const step = () => {
      tf.tidy(() => {
        optimizer.minimize(() => tf.sum(tf.square(layer.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar);
      });
    };
    expectNoLeak(() => step(), 5);
    await layer.readStrides();
    for (const stride of [1.4, 2.7, 4]) {
      tf.tidy(() => layer.setWeights([tf.tensor1d([stride, 2])]));
      expectNoLeak(() => step(), 1);
      await layer.readStrides();
      expectNoLeak(() => layer.apply(x));
    }
    layer.trainable = false;
    const start = await layer.readStrides();
    expect(tf.grad((v) => layer.apply(v, { training: true }) as tf.Tensor)(x).shape).toEqual(x.shape);
    expect(await layer.readStrides()).toEqual(start);
  });

  it('has no leak in a hundred steps that change its size', async () => {
    const layer = layerOf({ strides: 2, smoothnessFactor: 2 }, [1, 12, 12, 2]);
    const x = random([1, 12, 12, 2]);
    const optimizer = tf.train.momentum(0.003, 0.9);
    const step = () => {
      optimizer.minimize(() => tf.sum(tf.square(layer.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar);
      return layer.readStrides(); // also lets what was read of a GPU arrive
    };
    await step();
    const [start, before] = [(layer.apply(x) as tf.Tensor).shape, tf.memory()];
    for (let i = 0; i < 100; i++) await step();
    const after = tf.memory();
    expect([after.numTensors - before.numTensors, after.numBytes - before.numBytes]).toEqual([0, 0]);
    expect((layer.apply(x) as tf.Tensor).shape).not.toEqual(start);
  });

  it('costs as much after its size changed: as many kernels, and none that is new to the device', async () => {
    const layer = layerOf({ strides: 2, smoothnessFactor: 2 }, [1, 16, 16, 2]);
    const x = random([1, 16, 16, 2]);
    const gradient = () => tf.variableGrads(() => tf.sum(tf.square(layer.apply(x) as tf.Tensor)) as tf.Scalar).value;
    const stepAt = async (stride: number) => {
      layer.setWeights([tf.tensor1d([stride, stride])]);
      await layer.readStrides();
      const { kernels, newTensors } = await tf.profile(() => tf.tidy(gradient));
      return { kernels: kernels.map(({ name }) => name), newTensors };
    };
    // A GPU compiles a kernel once for each way in which a size meets its blocks; there are few of those.
    const steps = [];
    for (const stride of [2, 3.1, 1.7, 1.3, 4, 5]) steps.push(await stepAt(stride));
    for (const step of steps) expect(step).toEqual(steps[0]);
    const compiled = () => Object.keys((tf.backend() as { pipelineCache?: object }).pipelineCache ?? {}).length;
    const before = compiled();
    expect(before > 0).toBe(backend === 'webgpu');
    for (const stride of [2.6, 1.25, 3.4, 1.9, 4.5]) expect(await stepAt(stride)).toEqual(steps[0]);
    expect(compiled()).toBe(before);
  });

  it('goes by strides that it is told, and still learns those that it has', async () => {
    const layer = layerOf({ strides: 2, smoothnessFactor: 2 }, [1, 16, 16, 1]);
    const x = random([1, 16, 16, 1]);
    const start = layer.operationsKey([1, 16, 16, 1]);
    const shapeOf = (stride: number) => downsampledSize([16, 16], stride, { smoothness: 2 });
    layer.followStrides([3, 3]);
    expect(layer.operationsKey([1, 16, 16, 1])).not.toBe(start);
    expect((layer.apply(x) as tf.Tensor).shape.slice(1, 3)).toEqual(shapeOf(3));
    const read = vi.spyOn(layer.strides, 'data');
    const loss = () => tf.sum(tf.square(layer.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar;
    tf.tidy(() => void tf.train.sgd(1e-3).minimize(loss));
    expect(read).not.toHaveBeenCalled();
    const moved = await layer.readStrides();
    expect(moved).not.toEqual([2, 2]);
    layer.followStrides(moved);
    layer.followStrides(undefined);
    expect(await layer.readStrides()).toEqual(moved);
    expect((layer.apply(x) as tf.Tensor).shape.slice(1, 3)).toEqual(
      downsampledSize([16, 16], moved, { smoothness: 2 }),
    );
    const rule = 'diffstride.DiffStride: strides to follow must be 2 numbers, got [1]';
    await expectNamedError(() => layer.followStrides([1]), DiffStrideError, rule);
  });

  it('has the same operations where its key is the same', () => {
    const layer = layerOf({ strides: 2, smoothnessFactor: 2 }, [1, 16, 16, 1]);
    const keys = Array.from({ length: 200 }, (_, i) => {
      layer.followStrides([1.5 + 0.01 * i, 2]);
      return layer.operationsKey([1, 16, 16, 1]);
    });
    const distinct = new Set(keys).size;
    expect(distinct).toBeGreaterThan(3);
    expect(distinct).toBeLessThan(20);
    layer.followStrides(undefined);
  });

  it('gives its strides back when it is disposed of, and the last that it knew when asked', async () => {
    const before = tf.memory().numTensors;
    const layer = new DiffStride({ strides: 2, inputShape: [12, 12, 1] });
    const model = tfl.sequential({ layers: [layer] });
    tf.tidy(() => void model.predict(tf.ones([1, 12, 12, 1])));
    tf.tidy(() => layer.setWeights([tf.tensor1d([3, 3])]));
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(await layer.readStrides()).toHaveLength(2);
  });

  it('can be set free after it was built frozen', async () => {
    const layer = layerOf({ strides: 2, trainable: false }, [1, 12, 12, 1]);
    const x = random([1, 12, 12, 1]);
    const learned = async () => {
      const minimize = () => tf.sum(tf.square(layer.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar;
      const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
      if (variables.length > 0) tf.train.sgd(1e-3).minimize(minimize, false, variables);
      return layer.readStrides();
    };
    expect([layer.trainableWeights.length, layer.nonTrainableWeights.length]).toEqual([0, 1]);
    expect(await learned()).toEqual([2, 2]);
    layer.trainable = true;
    expect([layer.trainableWeights.length, layer.nonTrainableWeights.length]).toEqual([1, 0]);
    expect(await learned()).not.toEqual([2, 2]);
  });

  it('does the same for channels first, and for signals', async () => {
    const x = random([2, 12, 14, 3]) as tf.Tensor4D;
    const last = layerOf({ strides: [2, 1.7] }, x.shape);
    const first = layerOf({ strides: [2, 1.7], dataFormat: 'channelsFirst' }, [2, 3, 12, 14]);
    const y = first.apply(tf.transpose(x, [0, 3, 1, 2])) as tf.Tensor;
    await expect(tf.transpose(y, [0, 2, 3, 1])).toBeAllClose(last.apply(x) as tf.Tensor);
    const line = new DiffStride1D({ strides: 2 });
    expect((line.apply(random([2, 30, 3])) as tf.Tensor).shape).toEqual([2, 24, 3]);
  });
});
