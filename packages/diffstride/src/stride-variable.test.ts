import { forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { DiffStride } from './diff-stride-layer.ts';
import { usedStrides } from './masks.ts';
import { checkedRules, type MaskOptions } from './rules.ts';
import { StrideVariable } from './stride-variable.ts';

/** Values that are on the device alone, where there is one. */
const computed = (value: number) => tf.add(tf.fill([2], value - 1), 1) as tf.Variable;

const computedStrides = () => new StrideVariable(tf.tidy(() => tf.variable(computed(3))) as tf.Variable, [2, 2]);

/** A turn of the event loop, in which rejections that nobody handles would be reported. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

forEachBackend(() => {
  it.each<[string, number[], number[], MaskOptions]>([
    ['of equal sides', [16, 16], [0.5, 2.5], {}],
    ['of unequal sides', [16, 64], [0.5, 0.5], {}],
    ['between limits', [16, 64], [1.2, 9], { lowerLimit: 1.5, upperLimit: 3 }],
    ['whose limit is below what the mask needs', [8, 8], [0.5, 7], { upperLimit: 1.1 }],
    ['shared', [16, 64], [0.5], { shared: true }],
  ])(
    'brings strides back that only the device knows as those that the host knows: %s',
    async (_, sides, values, rules) => {
      const known = checkedRules('test', rules);
      const strides = new StrideVariable(tf.variable(tf.tensor1d(values)), values);
      strides.tell(values);
      strides.bringBack(sides, known);
      const expected = usedStrides(sides, values, known).slice(0, values.length);
      await expect(strides.variable).toBeAllClose(
        expected.map(({ value }) => value),
        { relative: 1e-6 },
      );
      strides.variable.dispose();
    },
  );

  it('rejects with what the read ended in, once, and reads anew when asked again', async () => {
    const strides = computedStrides();
    const data = vi.spyOn(strides.variable, 'data').mockRejectedValueOnce(new Error('no room'));
    await expect(strides.read()).rejects.toThrow('no room');
    expect(await strides.read()).toEqual([3, 3]);
    expect(data).toHaveBeenCalledTimes(2);
    strides.variable.dispose();
  });

  it('has no error to tell of a variable that is disposed of while it is read', async () => {
    const strides = computedStrides();
    const fail: { now?: (error: Error) => void } = {};
    vi.spyOn(strides.variable, 'data').mockReturnValueOnce(
      new Promise((_, reject) => {
        fail.now = reject;
      }) as never,
    );
    const reading = strides.read();
    strides.variable.dispose();
    fail.now!(new Error('Tensor is disposed.'));
    expect(await reading).toEqual([2, 2]);
    expect(await strides.read()).toEqual([2, 2]);
  });
});

forEachBackend(() => {
  it('keeps what its own read ended in for whoever uses the layer next', async () => {
    const layer = new DiffStride({ strides: 2, smoothnessFactor: 2 });
    const x = tf.ones([1, 12, 12, 1]);
    layer.apply(x);
    const data = vi.spyOn(layer.strides, 'data');
    const failUnawaited = async (value: number) => {
      tf.tidy(() => layer.strides.assign(computed(value)));
      data.mockRejectedValueOnce(new Error('no room'));
      layer.apply(x);
      // As an optimizer does before the values arrive.
      tf.tidy(() => layer.strides.assign(computed(value)));
      await turn();
    };
    await failUnawaited(3);
    expect(() => layer.apply(x)).toThrow('no room');
    layer.apply(x);
    await layer.readStrides();
    await failUnawaited(4);
    await expect(layer.readStrides()).rejects.toThrow('no room');
    expect(await layer.readStrides()).toEqual([4, 4]);
    layer.apply(x);
    layer.dispose();
  });

  it('takes no harm from an assignment while it reads', async () => {
    const strides = computedStrides();
    for (const value of [4, 5]) {
      strides.now();
      const reading = strides.read();
      tf.tidy(() => strides.variable.assign(computed(value)));
      expect(await reading).toEqual([value, value]);
      expect(strides.now()).toEqual({ values: [value, value], stale: false });
    }
    strides.variable.dispose();
  });

  // The last test here: nothing can be computed on the device afterwards.
  it('ends every read of a device that is lost, and reads no more than it is asked to', async () => {
    const { device } = tf.backend() as unknown as { device: GPUDevice };
    const strides = computedStrides();
    const data = vi.spyOn(strides.variable, 'data');
    device.destroy();
    await device.lost;
    expect(strides.now()).toEqual({ values: [2, 2], stale: true });
    await Promise.allSettled(data.mock.results.map(({ value }) => value));
    await turn();
    expect(data).toHaveBeenCalledTimes(1);
    // Dawn's own, of which the words are a driver's.
    const lost = expect.objectContaining({ name: 'AbortError' });
    expect(() => strides.now()).toThrow(lost);
    await expect(strides.read()).rejects.toThrow(lost);
    await Promise.all([strides.read(), strides.read()].map((read) => expect(read).rejects.toThrow(lost)));
    await turn();
    expect(data.mock.calls.length).toBeLessThan(6);
    strides.variable.dispose();
    expect(await strides.read()).toEqual([2, 2]);
  });
}, ['webgpu']);
