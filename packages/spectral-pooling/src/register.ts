// Makes the layers known to tf.loadLayersModel. tfjs-layers, which they extend, registers every gradient of tfjs-core when
// it is loaded, in Node (where tfjs-core alone registers none) and in bundlers alike.
import { serialization } from '@tensorflow/tfjs-core';
import { SpectralPooling1D, SpectralPooling2D } from './layers.ts';

serialization.registerClass(SpectralPooling1D);
serialization.registerClass(SpectralPooling2D);
