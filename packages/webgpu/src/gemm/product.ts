// A matrix product whose operands and result may lie in tensors in any way that can be told by address arithmetic.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Backend } from '../gpu/backend.ts';
import type { Abilities } from '../gpu/device.ts';
import { dispatch, output as makeOutput } from '../gpu/dispatch.ts';
import { gridOf } from '../gpu/grid.ts';
import { getPrecision } from '../precision.ts';
import { type Choice, choose, type Device, partLength, type Sizes } from './choose.ts';
import type { Operand, Part } from './operand.ts';
import { denseOutput, type Epilogue, type Output } from './output.ts';
import { packedOperand } from './packed.ts';
import { leaveBound, scaleOf, scalesOf, scaleUniforms } from './scale.ts';
import { MOST_SLACK } from './scale-code.ts';
import { shaderOf } from './shader.ts';
import { sumParts, zeros } from './sum-parts.ts';
import { isMatrix } from './tile.ts';

export interface Product {
  /** Of the kernel. */
  name: string;
  batch: number;
  /** The most that any matrix of the batch has. */
  rows: number;
  columns: number;
  inner: number;
  /**
   * The inner axis has so many elements (channels) for each of several taps. If they are whole steps, the products of all taps
   * with some channels come before those with the next channels: neighbouring taps read the same pixels, which the cache
   * next to a core then still has.
   */
  channels?: number;
  a: Operand;
  b: Operand;
  output: Output;
  /** `fn extentOf(matrix: u32) -> vec2u`: rows and inner size of each, where they differ. */
  extent?: Part;
  epilogue?: Epilogue;
  /** The result is multiplied again, by bounded matrices: nobody has to look for its largest magnitude then. */
  leaves?: boolean;
}

/** Runs the product, by the tier and the tile that suit the device and the sizes. One that is empty has no epilogue. */
export function multiply(backend: Backend, abilities: Abilities, product: Product): TensorInfo {
  const { output } = product;
  if (util.sizeFromShape([...output.shape]) === 0) return makeOutput(backend, output.shape);
  // There is no binding an empty tensor.
  if (isEmpty(product)) return zeros(backend, output.shape);
  const sizes = sizesOf(product);
  watcher?.(product, sizes);
  return multiplyAs(backend, product, choose(sizes, getPrecision(), deviceOf(backend, abilities)));
}

type Watcher = (product: Product, sizes: Sizes) => void;
let watcher: Watcher | undefined;

/** Shows each product that is made while `work` runs. */
export function watchProducts<T>(watch: Watcher, work: () => T): T {
  const before = watcher;
  watcher = watch;
  try {
    return work();
  } finally {
    watcher = before;
  }
}

/** The product of operands that are not empty. */
export function multiplyAs(backend: Backend, product: Product, choice: Choice): TensorInfo {
  const { batch, rows, columns, output, epilogue } = product;
  const { parts } = choice;
  if (parts === 1) {
    const c = output.into ?? makeOutput(backend, output.shape);
    run(backend, product, choice, c);
    return c;
  }
  const each = makeOutput(backend, [batch, parts, rows, columns]);
  run(backend, { ...product, output: denseOutput(each.shape), epilogue: undefined }, choice, each);
  const c = sumParts(backend, each, output.shape, epilogue);
  backend.disposeData(each.dataId);
  return c;
}

/** Nothing is multiplied, and the result is zeros before its epilogue. */
export const isEmpty = ({ a, b }: Product): boolean =>
  [a, b].some(({ tensor }) => util.sizeFromShape(tensor.shape) === 0);

function sizesOf({ batch, rows, columns, inner, a, b, output, extent }: Product): Sizes {
  const bytes = 4 * (util.sizeFromShape(a.tensor.shape) + util.sizeFromShape(b.tensor.shape));
  const divisible = output.dense && !extent;
  return { batch, rows, columns, inner, bytes, divisible, a: a.contiguous, b: b.contiguous };
}

export function deviceOf({ device }: Backend, abilities: Abilities): Device {
  const { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup } = device.limits;
  return {
    abilities,
    workgroupBytes: maxComputeWorkgroupStorageSize,
    workgroupThreads: maxComputeInvocationsPerWorkgroup,
  };
}

function run(backend: Backend, product: Product, choice: Choice, c: TensorInfo): void {
  const { name, batch, rows, columns, inner, output, extent, epilogue } = product;
  const { tier, tile, matrixUnits, parts, split, tapsInside } = choice;
  const [tileRows, tileColumns] = [Math.ceil(rows / tile.rows), Math.ceil(columns / tile.columns)];
  // Asked for once: of a scale that is found anew, what was packed by the old one knows nothing.
  const [scaleA, scaleB] = isMatrix(tier) ? [product.a, product.b].map(({ tensor }) => scaleOf(backend, tensor)) : [];
  const a = packedOperand(backend, product.a, choice, batch * rows * inner * tileColumns, scaleA);
  const b = packedOperand(backend, product.b, choice, batch * columns * inner * tileRows, scaleB);
  const [wide, large] = [columns % 4 === 0, rows >= tile.rows && columns >= tile.columns];
  const length = partLength(inner, tile, parts);
  const whole =
    !extent &&
    (rows % tile.rows) + (columns % tile.columns) + (inner % tile.depth) === 0 &&
    (parts - 1) * length < inner;
  const slack = scaleA && scaleB ? Math.log2(inner) + scaleA.slack + scaleB.slack : Number.POSITIVE_INFINITY;
  const isPlain = parts === 1 && !output.into && !epilogue && !extent;
  const leaves = !!product.leaves && isPlain && slack <= MOST_SLACK;
  const form = { tier, tile, matrixUnits, split, wide, large, whole, leaves };
  const program = shaderOf({ name, a, b, output, extent, epilogue, ...form });
  const uniforms: Record<string, number> = {
    ...{ rows, columns, inner, parts, slices: batch * parts, alpha: epilogue?.alpha ?? 0 },
    ...{ tileRows, tileColumns },
    partLength: length,
    stride: tapsInside && product.channels && product.channels % tile.depth === 0 ? product.channels : tile.depth,
  };
  for (const part of [a, b, output, ...(extent ? [extent] : [])]) {
    for (const [key, [, value]] of Object.entries(part.uniforms)) uniforms[key] = value;
  }
  const tensors: Record<string, TensorInfo> = { a: a.tensor, b: b.tensor, c };
  if (epilogue?.bias) tensors.bias = epilogue.bias;
  if (scaleA && scaleB) {
    Object.assign(uniforms, scaleUniforms('A', scaleA), scaleUniforms('B', scaleB));
    if (leaves) uniforms.scaleC = leaveBound(backend, c, slack);
    tensors.scales = scalesOf(backend);
  }
  const workgroups = gridOf(backend, tileRows * tileColumns * batch * parts);
  dispatch(backend, program, { tensors, uniforms, workgroups });
}
