export { type TensorBatch, type TensorBatches, tensorBatches } from './tensors/batches.ts';
export { type ResidentSplit, residentSplit } from './tensors/resident.ts';
