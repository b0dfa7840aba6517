// Makes tf.loadLayersModel and model.compile know the layers and the optimizers of this package.
//
// tfjs-layers, which the layer extends, registers every gradient of tfjs-core when it is loaded, in Node (where tfjs-core
// alone registers none) and in bundlers alike.
import { serialization } from '@tensorflow/tfjs-core';
import { BatchNorm } from './batch-norm-layer.ts';
import { Dropout } from './dropout-layer.ts';
import { FusedAdam } from './fused-adam.ts';
import { FusedSgd } from './fused-sgd.ts';

serialization.registerClass(BatchNorm);
serialization.registerClass(Dropout);
serialization.registerClass(FusedSgd);
serialization.registerClass(FusedAdam);
