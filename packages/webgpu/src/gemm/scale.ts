// The largest magnitude of a tensor. An activation is used forward and for the gradient of the filter, so what was found is
// kept until the tensor is written again. Parts of a tensor are looked at by a workgroup each, and the product takes the
// largest of the parts: nothing has to be cleared before, so that recorded commands can be run again.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Backend } from '../gpu/backend.ts';
import { contentVersion } from '../gpu/contents.ts';
import type { Abilities } from '../gpu/device.ts';
import { dispatch, output } from '../gpu/dispatch.ts';
import type { Program } from '../gpu/program.ts';
import { forgetAtRecordings } from '../gpu/recordings.ts';
import { getPrecision } from '../precision.ts';
import { wantsScales } from './choose.ts';
import type { Letter } from './operand.ts';
import { FINITE, PARTIALS } from './scale-code.ts';

const THREADS = 256;
/** Reads of a thread at least, where there are enough. */
const LEAST = 4;
/** Tensors whose scales are kept at a time; the place of the oldest is taken next. */
export const PLACES = 512;

const program = (wide: boolean): Program => ({
  name: 'StridelabLargest',
  variant: wide ? 'wide' : '',
  bindings: {
    x: { access: 'read', element: wide ? 'vec4u' : 'u32' },
    scales: { access: 'read_write', element: 'u32' },
  },
  uniforms: { size: 'u32', place: 'u32', count: 'u32' },
  code: () => /* wgsl */ `
    var<workgroup> largest: atomic<u32>;
    ${FINITE}
    fn largestOf(i: u32) -> u32 {
      let v = x[i];
      return ${wide ? 'max(max(finite(v.x), finite(v.y)), max(finite(v.z), finite(v.w)))' : 'finite(v)'};
    }
    @compute @workgroup_size(${THREADS})
    fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
      if (thread == 0u) { atomicStore(&largest, 0u); }
      workgroupBarrier();
      let apart = uniforms.count * ${THREADS}u;
      var own = 0u;
      var i = group.x * ${THREADS}u + thread;
      // Four reads under way at a time.
      for (; i + 3u * apart < uniforms.size; i += 4u * apart) {
        let pair = max(largestOf(i), largestOf(i + apart));
        own = max(own, max(pair, max(largestOf(i + 2u * apart), largestOf(i + 3u * apart))));
      }
      for (; i < uniforms.size; i += apart) { own = max(own, largestOf(i)); }
      atomicMax(&largest, own);
      workgroupBarrier();
      if (thread == 0u) { scales[uniforms.place * ${PARTIALS}u + group.x] = atomicLoad(&largest); }
    }`,
});

interface Found {
  ring: Ring;
  serial: number;
  version: number;
  count: number;
  slack: number;
}

/** Places in turn. */
interface Ring {
  tensor: TensorInfo;
  serial: number;
}

const rings = new WeakMap<Backend, Ring>();
const found = new WeakMap<object, Found>();

/**
 * Forgets every scale, and gives back the memory that they are in: when a recording of commands starts, which then finds
 * its own scales in memory of its own and at the same places each time, and when it ends.
 */
export function forgetScales(backend: Backend): void {
  const ring = rings.get(backend);
  if (ring) backend.disposeData(ring.tensor.dataId);
  rings.delete(backend);
}

export interface Scale {
  /** In {@link scalesOf}. */
  place: number;
  /** Parts, in fours. */
  count: number;
  /** Binary places that it may be larger than the largest magnitude is: a bound was left, and not the number itself. */
  slack: number;
  /** Another one each time that it is found anew. */
  serial: number;
}

/** Values of `scaleTypes`. */
export const scaleUniforms = (letter: Letter, { place, count }: Scale): Record<string, number> => ({
  [`scale${letter}`]: place,
  [`scaleCount${letter}`]: count,
});

/**
 * Where the largest magnitudes of the parts of `x` are, or will be when what is recorded has run. Asked again after another
 * scale was, it may be found anew, and be another one: all that one product does goes by the same.
 */
export function scaleOf(backend: Backend, x: TensorInfo): Scale {
  const ring = ringOf(backend);
  const known = found.get(x.dataId);
  // Two less than there are: the other operand and the result may take a place before both are read.
  const holds = known?.ring === ring && ring.serial - known.serial < PLACES - 2;
  if (holds && known.version === contentVersion(x.dataId)) {
    const { serial, count, slack } = known;
    return { place: serial % PLACES, count, slack, serial };
  }
  const size = util.sizeFromShape(x.shape);
  const wide = size % 4 === 0;
  const elements = wide ? size / 4 : size;
  const count = Math.min(PARTIALS, 4 * Math.ceil(elements / (4 * THREADS * LEAST)));
  const serial = takePlace(ring, x, count);
  const place = serial % PLACES;
  dispatch(backend, program(wide), {
    tensors: { x, scales: ring.tensor },
    uniforms: { size: elements, place, count },
    workgroups: [count, 1, 1],
  });
  return { place, count, slack: 0, serial };
}

function takePlace(ring: Ring, x: TensorInfo, count: number, slack = 0): number {
  const serial = ring.serial++;
  found.set(x.dataId, { ring, serial, version: contentVersion(x.dataId), count, slack });
  return serial;
}

/** What dispatches are given that leave a scale. */
export interface LeftScale {
  tensors: { scales: TensorInfo };
  uniforms: { place: number };
}

/**
 * For a kernel that is about to write all of `x`, and finds its largest magnitude thereby (left-scale.ts): where it leaves
 * that, in so many parts. Undefined where no product would ask for it.
 */
export function leaveScale(
  backend: Backend,
  abilities: Abilities,
  x: TensorInfo,
  count = PARTIALS,
): LeftScale | undefined {
  if (!wantsScales(getPrecision(), abilities)) return undefined;
  const ring = ringOf(backend);
  return { tensors: { scales: ring.tensor }, uniforms: { place: takePlace(ring, x, count) % PLACES } };
}

/** For a product that is about to write all of `x`: the place where it leaves a bound, which has so much slack. */
export const leaveBound = (backend: Backend, x: TensorInfo, slack: number): number =>
  takePlace(ringOf(backend), x, 4, slack) % PLACES;

/** All places' values. */
export const scalesOf = (backend: Backend): TensorInfo => ringOf(backend).tensor;

function ringOf(backend: Backend): Ring {
  let ring = rings.get(backend);
  if (!ring) {
    forgetAtRecordings(forgetScales);
    ring = { tensor: output(backend, [PLACES * PARTIALS], 'int32'), serial: 0 };
    rings.set(backend, ring);
  }
  return ring;
}
