// What the package compiles into its WebAssembly module (scripts/compile-kernels.mjs). Every argument is a number; a
// pointer is a byte offset into the memory of TF.js's own module.
export { batchNorm } from './batch-norm';
export { batchNormSums, batchNormTrainGrad } from './batch-norm-grad';
export { batchNormStats } from './batch-norm-stats';
export { clipGradient } from './clip-gradient';
export { convolve, packFilter } from './conv';
export { convBackpropFilter } from './conv-filter';
export { convBackpropInput, packFlippedFilter } from './conv-input';
export { addRuns, copyPart, copyRuns, gatherRuns, reverseRuns } from './copy-runs';
export { depthwiseBackprop } from './depthwise';
export { dropout } from './dropout';
export { elementWise, leakyGradient, select, toFloats } from './element-wise';
export { matMul } from './mat-mul';
export { avgPoolBackprop, maxPoolBackprop } from './pool';
export { chainProducts, productChain } from './product-chain';
export { sumRows, sumSegments } from './reduce';
export { softmaxCrossEntropy } from './softmax';
export { tile } from './tile';
export { transpose } from './transpose';
export { unary } from './unary';
export { adamUpdate, sgdMomentumUpdate } from './updates';
export { winograd, winogradFilter } from './winograd';
export { winogradBackpropFilter, winogradFilterGradient } from './winograd-gradient';
