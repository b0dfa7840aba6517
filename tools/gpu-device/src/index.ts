export { type AdapterInfo, isSoftware, isSoftwareName, nameOf } from './adapter.ts';
export { type Dawn, type DawnOptions, takeGpu } from './dawn.ts';
export { guardedBackend } from './guarded-backend.ts';
export { Lifetime } from './lifetime.ts';
export { requestAdapter, requestDevice, TRAINING_FEATURES } from './request.ts';
