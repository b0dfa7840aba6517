// Residual blocks: what stands between one sum and the next.
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { EXPANSION } from './architectures.ts';
import type { Plan } from './options.ts';
import type { ConvPlace, Downsampling, Parts } from './parts.ts';

export interface Block extends Downsampling {
  /** stage2_block1 */
  name: string;
  stage: number;
  width: number;
  /** Whether the shortcut cannot be the identity. */
  changes: boolean;
  /** Whether the branch starts as zero. */
  zero: boolean;
}

interface Step extends Pick<ConvPlace, 'filters' | 'kernelSize' | 'strides' | 'pool'> {}

/** The convolutions of a branch. Pooling comes after the first; a strided 3x3 convolution is the first or only one. */
function stepsOf(kind: Plan['block'], { width, strides, pool }: Block): Step[] {
  const striding = pool ? undefined : strides;
  if (kind === 'basic') {
    const first = { filters: width, kernelSize: 3, strides: striding, pool };
    return [first, { filters: width, kernelSize: 3 }];
  }
  return [
    { filters: width, kernelSize: 1, pool },
    { filters: width, kernelSize: 3, strides: striding },
    { filters: width * EXPANSION, kernelSize: 1 },
  ];
}

/** Adds a block; a pre-activation block normalizes before each convolution, a post-activation block after it. */
export function addBlock(parts: Parts, plan: Plan, x: SymbolicTensor, block: Block): SymbolicTensor {
  const { name, stage, zero } = block;
  const before = plan.variant === 'preact';
  const steps = stepsOf(plan.block, block);
  let branch = x;
  for (const [i, step] of steps.entries()) {
    const last = i === steps.length - 1;
    const place = { ...step, name: `${name}_conv${i + 1}`, stage, role: 'block' } as const;
    const norm = `${name}_norm${i + 1}`;
    if (before) branch = parts.norm(branch, norm);
    branch = parts.conv(branch, { ...place, zero: before && last && zero });
    if (!before) branch = parts.norm(branch, norm, { relu: !last, zero: last && zero });
  }
  const sum = parts.add(branch, addShortcut(parts, plan, x, block), `${name}_add`);
  return before ? sum : parts.relu(sum, `${name}_relu`);
}

function addShortcut(parts: Parts, plan: Plan, x: SymbolicTensor, block: Block): SymbolicTensor {
  const { name, stage, strides, pool, changes } = block;
  if (!changes) return x;
  const filters = outputWidth(plan.block, block.width);
  if (plan.shortcut === 'padding') return parts.paddedShortcut(x, `${name}_shortcut`, filters, block);
  const striding = pool ? undefined : strides;
  const place = { name: `${name}_shortcut`, role: 'shortcut', stage, filters, kernelSize: 1, strides: striding, pool };
  const projected = parts.conv(x, place as ConvPlace);
  return plan.variant === 'preact' ? projected : parts.norm(projected, `${name}_shortcut_norm`, { relu: false });
}

export function outputWidth(kind: Plan['block'], width: number): number {
  return kind === 'basic' ? width : width * EXPANSION;
}
