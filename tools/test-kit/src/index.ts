export { type BackendName, openTestBackend } from './backends.ts';
export { compilesEachShape } from './compiles-each-shape.ts';
export { expectNamedError } from './errors.ts';
export { forEachBackend } from './for-each-backend.ts';
export { type GoldenCase, goldenCases, goldenTensor } from './golden.ts';
export { checkAdjoint, checkGradient } from './gradients.ts';
export { expectNoLeak } from './leaks.ts';
export { type Numbers, toFlat } from './numbers.ts';
export { naiveConv2d } from './oracles/conv2d.ts';
export { type ComplexArray, naiveDft, naiveDftAlongAxis } from './oracles/dft.ts';
export { COUNTED_BACKENDS, peakBytes } from './peak-bytes.ts';
export { randomTensor, randomValues } from './random.ts';
export { expectRoomForOneMap } from './room.ts';
export { relativeL2Error } from './tolerance.ts';

import './to-be-all-close.ts';
