import '../index.ts';
import { testSums } from '@stridelab/test-kit/kernels/sums';

testSums('wasm');
