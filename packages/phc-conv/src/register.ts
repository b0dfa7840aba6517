// Makes tf.loadLayersModel know the layers of this package.
//
// tfjs-layers, which the layers import, registers every gradient of tfjs-core when it is loaded, in Node (where tfjs-core
// alone registers none) and in bundlers alike.
import { serialization } from '@tensorflow/tfjs-core';
import { PHCConv1D, PHCConv2D, PHCConv2DTranspose, PHCConv3D, PHMDense } from './index.ts';

for (const layer of [PHCConv1D, PHCConv2D, PHCConv3D, PHCConv2DTranspose, PHMDense]) serialization.registerClass(layer);
