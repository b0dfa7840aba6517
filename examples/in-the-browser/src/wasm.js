// What TF.js's wasm backend needs in a page. It fetches one of three .wasm files when it starts, beside the script that it was
// before the bundler moved it; so Vite is asked to serve all three (`?url`), and the backend is told where they are.
import '@stridelab/wasm'; // gradients of convolutions, which TF.js lacks on wasm
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threads from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';

setWasmPaths({
  'tfjs-backend-wasm.wasm': plain,
  'tfjs-backend-wasm-simd.wasm': simd,
  'tfjs-backend-wasm-threaded-simd.wasm': threads,
});
