import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { checkAdjoint, checkGradient, expectNoLeak, forEachBackend, randomValues } from './index.ts';

forEachBackend(() => {
  it('accepts a right gradient and refuses a wrong one', async () => {
    const x = tf.tensor([0.5, -1, 2]);
    const doubledGradient = tf.customGrad((value) => ({
      value: (value as tf.Tensor).square(),
      gradFunc: (dy: tf.Tensor) => [dy.mul(value as tf.Tensor).mul(4)],
    }));
    await checkGradient((v) => v.square(), [x]);
    await expect(checkGradient((v) => doubledGradient(v!), [x])).rejects.toThrow(/finite differences say/);
  });

  it.each([
    ['a tenth too long', (x: tf.Tensor) => x.mul(2.2)],
    ['zero for half of the input', (x: tf.Tensor) => x.mul(2).mul(tf.range(0, x.size).greater(x.size / 2))],
    ['zero', (x: tf.Tensor) => tf.zerosLike(x)],
  ])('refuses a large gradient that is %s', async (_, gradient) => {
    const wrong = tf.customGrad((value) => ({
      value: (value as tf.Tensor).square().mean(),
      gradFunc: (dy: tf.Tensor) => [
        gradient(value as tf.Tensor)
          .mul(dy)
          .div(2000),
      ],
    }));
    const x = tf.tensor1d(randomValues(2000, 3));
    await checkGradient((v) => v.square().mean(), [x]);
    await expect(checkGradient((v) => wrong(v!), [x])).rejects.toThrow(/finite differences say/);
  });

  it('checks the adjoint of a linear map', async () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const notItsAdjoint = tf.customGrad((value) => ({
      value: (value as tf.Tensor).mul(3),
      gradFunc: (dy: tf.Tensor) => [dy.mul(2)],
    }));
    await checkAdjoint((v) => tf.matMul(v as tf.Tensor2D, tf.ones([3, 2])), x);
    await expect(checkAdjoint((v) => notItsAdjoint(v), x)).rejects.toThrow(/apart/);
  });

  it('sees a leak', () => {
    expectNoLeak(() => tf.ones([2]));
    expect(() =>
      expectNoLeak(() => {
        tf.ones([2]);
      }),
    ).toThrow(/tensors left behind/);
  });
});
