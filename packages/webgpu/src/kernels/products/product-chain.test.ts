import '../../index.ts';
import { testProductChains } from '@stridelab/test-kit/kernels/product-chains';
import { openTiers } from '../../testing/tiers.ts';

const hasTier = await openTiers();

testProductChains('webgpu', hasTier('matrix') ? 2e-3 : undefined); // 'fast' is that far from float32 on matrix units
