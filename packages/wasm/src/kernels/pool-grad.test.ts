import '../index.ts';
import { testPoolingGradients } from '@stridelab/test-kit/kernels/pooling-gradients';

testPoolingGradients('wasm');
