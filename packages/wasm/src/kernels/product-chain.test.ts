import '../index.ts';
import { testProductChains } from '@stridelab/test-kit/kernels/product-chains';

testProductChains('wasm');
