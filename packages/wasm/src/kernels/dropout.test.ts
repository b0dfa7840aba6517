import '../index.ts';
import { testDropout } from '@stridelab/test-kit/kernels/dropout';
import { dropout } from '@stridelab/train-ops';

testDropout('wasm', dropout);
