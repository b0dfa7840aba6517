import { input, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { STEMS } from './architectures.ts';
import { addBlock, outputWidth } from './blocks.ts';
import { type Plan, planOf, type ResnetOptions } from './options.ts';
import { Parts } from './parts.ts';

/**
 * Makes a residual network: (batch, height, width, channels) to (batch, classes).
 *
 * `resnet({ depth: 18, variant: 'preact', stem: 'cifar', classes: 10, inputShape: [32, 32, 3] })` is the published DiffStride
 * network with strides; `downsample: (options) => new DiffStride(options)` makes it learn them. A stage whose strides are 1
 * and whose width stays has the identity as its shortcut, and no downsampling layer.
 *
 * @see https://arxiv.org/abs/1512.03385 for post-activation, https://arxiv.org/abs/1603.05027 for pre-activation networks
 */
export function resnet(options: ResnetOptions): LayersModel {
  const plan = planOf(options);
  const parts = new Parts(options);
  const { name = `resnet${options.depth}`, zeroInitLastGamma: zero = false } = options;
  try {
    const inputs = input({ shape: options.inputShape, name: 'images' });
    let x = addStem(parts, plan, inputs);
    let channels = plan.widths[0]!;
    for (const [i, count] of plan.blocks.entries()) {
      const stage = i + 1;
      const width = plan.widths[stage]!;
      const strides = plan.strides[stage]!;
      const changes = outputWidth(plan.block, width) !== channels || strides.some((side) => side !== 1);
      const pool = changes ? parts.pool(stage, strides) : undefined;
      for (let block = 1; block <= count; block++) {
        const first = block === 1 ? { changes, strides, pool } : { changes: false };
        x = addBlock(parts, plan, x, { name: `stage${stage}_block${block}`, stage, width, zero, ...first });
      }
      channels = outputWidth(plan.block, width);
    }
    if (plan.variant === 'preact') x = parts.norm(x, 'final_norm');
    return model({ inputs, outputs: parts.head(x), name });
  } catch (error) {
    // A factory refused; what was built before it has nobody else to free it.
    for (const layer of parts.made) if (layer.built) layer.dispose();
    throw error;
  }
}

function addStem(parts: Parts, plan: Plan, images: SymbolicTensor): SymbolicTensor {
  const { kernelSize, maxPool } = STEMS[plan.stem];
  const strides = plan.strides[0]!;
  const pool = parts.pool(0, strides);
  const striding = pool ? undefined : strides;
  const place = { name: 'stem_conv', role: 'stem', stage: 0, filters: plan.widths[0]! } as const;
  let x = parts.conv(images, { ...place, kernelSize, strides: striding, pool });
  if (plan.variant === 'postact') x = parts.norm(x, 'stem_norm');
  return maxPool ? parts.maxPool(x) : x;
}
