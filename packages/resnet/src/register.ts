// Makes tf.loadLayersModel know every layer that a network of this package may hold, but for those handed in.
import '@stridelab/train-ops/register';
import { serialization } from '@tensorflow/tfjs-core';
import { PaddedShortcut } from './padded-shortcut.ts';

serialization.registerClass(PaddedShortcut);
