// For tests: the same work on the cpu backend and, with our kernels, on the webgpu backend.
import { parityOn } from '@stridelab/test-kit/parity';

export { type Input, random, valueAndGradients } from '@stridelab/test-kit/parity';

export const expectParity = parityOn('webgpu');
