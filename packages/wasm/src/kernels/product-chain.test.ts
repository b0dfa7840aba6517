import '../index.ts';
import { testProductChains } from '@stridelab/test-kit/product-chains';
import { expectParity, random } from '../testing/parity.ts';

testProductChains('wasm', { expectParity, random });
