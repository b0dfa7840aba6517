// Operands of matrix units as they are multiplied: scaled float16, eight in 16 bytes. A convolution reads what it multiplies
// many times over, and then reads half as many bytes and converts nothing. What was packed is kept for the other products
// that read the same tensor, as scales are: until the tensor is written again or is gone, and never across a recording.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Backend } from '../gpu/backend.ts';
import { contentVersion } from '../gpu/contents.ts';
import { dispatch, output } from '../gpu/dispatch.ts';
import { gridOf } from '../gpu/grid.ts';
import type { Program } from '../gpu/program.ts';
import { forgetAtRecordings } from '../gpu/recordings.ts';
import { memoryOf } from '../memory/memory.ts';
import type { Choice } from './choose.ts';
import { units } from './fragments.ts';
import { range } from './inner-product.ts';
import type { Operand } from './operand.ts';
import { type Scale, scaleOf, scalesOf, scaleUniforms } from './scale.ts';
import { SCALE_READERS, SCALES, scaleCode, scaleTypes } from './scale-code.ts';
import type { Tier } from './tile.ts';
import { BANDWIDTH, DISPATCH_TIME, PACKED_BYTES } from './tuning.ts';

const THREADS = 256;
/** Quads of a thread, whose reads are under way at a time. */
const EACH = 8;
/** A float32 is read and a float16 is written: packing so many takes as long as a dispatch. */
const DISPATCHED = (DISPATCH_TIME * BANDWIDTH) / 6;

/** By the conversion that a product of this tier applies to what is not packed. */
export const packProgram = (tier: Tier): Program => ({
  name: 'StridelabPack',
  variant: tier,
  bindings: {
    x: { access: 'read', element: 'vec4f' },
    packed: { access: 'read_write', element: 'vec2u' },
    scales: SCALES,
  },
  uniforms: { quads: 'u32', ...scaleTypes(['A']) },
  enable: units[tier]!.enable,
  code: () => /* wgsl */ `
    ${units[tier]!.quads}
    var<workgroup> scratch: array<vec4f, ${SCALE_READERS}>;
    ${scaleCode(THREADS, ['A'])}
    @compute @workgroup_size(${THREADS})
    fn main(
      @builtin(workgroup_id) group: vec3u,
      @builtin(num_workgroups) groups: vec3u,
      @builtin(local_invocation_index) thread: u32,
    ) {
      let first = (group.x + group.y * groups.x) * ${EACH * THREADS}u + thread;
      // Under way while the scale is looked up.
      ${range(EACH)
        .map((i) => `let v${i} = x[min(first + ${i * THREADS}u, uniforms.quads - 1u)];`)
        .join('\n')}
      let scale = powerOf(shiftsOf(thread).x);
      ${range(EACH)
        .map((i) => [`first + ${i * THREADS}u`, `bitcast<vec2u>(quadOf(v${i} * scale))`] as const)
        .map(([at, halves]) => `if (${at} < uniforms.quads) { packed[${at}] = ${halves}; }`)
        .join('\n')}
    }`,
});

/** What is packed of a backend's tensors, by their data; the least recently used is the first, and the first to go. */
export class Packs {
  bytes = 0;
  private readonly backend: Backend;
  private readonly most: number;
  private readonly kept = new Map<object, { tensor: TensorInfo; version: number; serial: number }>();

  constructor(backend: Backend, most = PACKED_BYTES) {
    this.backend = backend;
    this.most = most;
    const { disposeData } = backend;
    backend.disposeData = (dataId, force) => {
      const isGone = disposeData.call(backend, dataId, force);
      if (isGone) this.drop(dataId);
      return isGone;
    };
    memoryOf(backend).whenFull(() => this.clear());
  }

  /** x in float16, if `make` says so or it is there anyway. */
  of(tier: Tier, x: TensorInfo, make: boolean, scale = scaleOf(this.backend, x)): TensorInfo | undefined {
    const { backend, kept } = this;
    const known = kept.get(x.dataId);
    const version = contentVersion(x.dataId);
    // A scale that is found anew may be another one: what was left before was a bound.
    const { serial } = scale;
    const isTrue = known?.version === version && known.serial === serial;
    if (!isTrue && !make) return undefined;
    const tensor = known?.tensor ?? this.room(x);
    if (!isTrue) pack(backend, tier, x, tensor, scale);
    kept.delete(x.dataId);
    kept.set(x.dataId, { tensor, version, serial });
    this.trim();
    return tensor;
  }

  has({ dataId }: TensorInfo): boolean {
    return this.kept.has(dataId);
  }

  clear(): void {
    for (const dataId of this.kept.keys()) this.drop(dataId);
  }

  private room({ shape }: TensorInfo): TensorInfo {
    const size = util.sizeFromShape(shape);
    this.bytes += 2 * size;
    return output(this.backend, [size / 2], 'int32');
  }

  /** The newest two may be operands of one product. */
  private trim(): void {
    for (const dataId of this.kept.keys()) {
      if (this.bytes <= this.most || this.kept.size <= 2) return;
      this.drop(dataId);
    }
  }

  private drop(dataId: object): void {
    const known = this.kept.get(dataId);
    if (!known) return;
    this.kept.delete(dataId);
    this.bytes -= 4 * util.sizeFromShape(known.tensor.shape);
    this.backend.disposeData(known.tensor.dataId);
  }
}

const all = new WeakMap<Backend, Packs>();

export function packsOf(backend: Backend): Packs {
  let packs = all.get(backend);
  if (!packs) {
    forgetAtRecordings(forgetPacked);
    packs = new Packs(backend);
    all.set(backend, packs);
  }
  return packs;
}

/** Gives back all that is packed. */
export function forgetPacked(backend: Backend): void {
  all.get(backend)?.clear();
}

/** The operand, packed by its scale where the product gains by it: it stages `staged` elements. */
export function packedOperand(
  backend: Backend,
  operand: Operand,
  { tier, packFrom }: Choice,
  staged: number,
  scale: Scale | undefined,
): Operand {
  if (!scale || operand.group !== 8 || packFrom === Number.POSITIVE_INFINITY) return operand;
  const gains = staged >= packFrom * (util.sizeFromShape(operand.tensor.shape) + DISPATCHED);
  const tensor = packsOf(backend).of(tier, operand.tensor, gains, scale);
  return tensor ? { ...operand, tensor, packed: true } : operand;
}

function pack(backend: Backend, tier: Tier, x: TensorInfo, packed: TensorInfo, scale: Scale): void {
  const quads = util.sizeFromShape(x.shape) / 4;
  dispatch(backend, packProgram(tier), {
    uniforms: { quads, ...scaleUniforms('A', scale) },
    tensors: { x, packed, scales: scalesOf(backend) },
    workgroups: gridOf(backend, Math.ceil(quads / (EACH * THREADS))),
  });
}
