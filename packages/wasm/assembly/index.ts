// What the package compiles into its WebAssembly module (scripts/compile-kernels.mjs). Every argument is a number; a
// pointer is a byte offset into the memory of TF.js's own module.
export { batchNorm, batchNormSums } from './batch-norm';
export { convBackpropFilter } from './conv-filter';
export { convBackpropInput } from './conv-input';
export { conv3dBackprop } from './conv3d';
export { depthwiseBackprop } from './depthwise';
export { matMul } from './mat-mul';
export { avgPoolBackprop, maxPoolBackprop } from './pool';
export { sumRows, sumSegments } from './reduce';
export { tile } from './tile';
export { transpose } from './transpose';
