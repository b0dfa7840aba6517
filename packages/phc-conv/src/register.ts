// tfjs-layers registers every gradient of tfjs-core when it is loaded, in Node (where tfjs-core alone registers none)
// and in bundlers alike.
import '@tensorflow/tfjs-layers';
