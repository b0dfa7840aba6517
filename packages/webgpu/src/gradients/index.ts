// Every gradient that is replaced.
import type { BackendGradient } from '@stridelab/registration';
import { meanGradient, sumGradient } from './reduce.ts';
import { reluGradient } from './relu.ts';

export const trainingGradients: readonly BackendGradient[] = [meanGradient, reluGradient, sumGradient];
