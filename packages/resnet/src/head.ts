// The dense layer at the end, of a new network and of a trained one alike.
import { initializers, layers } from '@tensorflow/tfjs-layers';

export interface HeadOptions {
  classes: number;
  /** What the model puts out. Default 'logits'. */
  outputs?: 'logits' | 'probabilities';
  /** Makes the initial weights repeatable. */
  seed?: number;
}

export function denseHead(name: string, { classes, outputs = 'logits', seed }: HeadOptions): layers.Layer {
  const kernelInitializer = seed === undefined ? 'glorotUniform' : initializers.glorotUniform({ seed });
  const activation = outputs === 'logits' ? 'linear' : 'softmax';
  return layers.dense({ name, units: classes, kernelInitializer, activation });
}
