// tf.concat, tf.split and tf.unstack. TF.js makes a view of an array for every run of neighbours, and copies all of a tensor out of the
// backend's memory for every part that it is cut into.
import { backend_util, Concat, SplitV, type Tensor, type TensorInfo, Unpack, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { bytesOf, isWords, type KernelCall, trainingKernel } from './kernel.ts';

/** Tensors (..., n0, ...), (..., n1, ...) ... -> (..., n0 + n1 + ..., ...) */
export const concat = trainingKernel<{ axis: number }>(Concat, (call) => {
  const tensors = call.inputs as unknown as TensorInfo[];
  const { shape, dtype } = tensors[0]!;
  const [axis] = util.parseAxisParam(call.attrs.axis, shape) as [number];
  const filled = tensors.filter((tensor) => util.sizeFromShape(tensor.shape) > 0);
  if (filled.length < 2 || !filled.every((tensor) => tensor.dtype === dtype && isWords(tensor))) return call.original();
  const shapes = tensors.map((tensor) => tensor.shape);
  backend_util.assertParamsConsistent(shapes, axis);
  const whole = call.backend.makeOutput(backend_util.computeOutShape(shapes, axis), dtype);
  copyParts(call, { whole, parts: filled, axis, cuts: false });
  return whole;
});

/** x (..., n, ...) -> tensors (..., n0, ...), (..., n1, ...) ... */
export const splitV = trainingKernel<{ numOrSizeSplits: number[] | number; axis: number }, TensorInfo[]>(
  SplitV,
  (call) => {
    const { x } = call.inputs as { x: TensorInfo };
    if (!isWords(x)) return call.original() as unknown as TensorInfo[];
    const [axis] = util.parseAxisParam(call.attrs.axis, x.shape) as [number];
    return cut(call, x, axis, backend_util.prepareSplitSize(x as Tensor, call.attrs.numOrSizeSplits, axis));
  },
);

/** value (..., n, ...) -> n tensors (..., ...) */
export const unpack = trainingKernel<{ axis: number }, TensorInfo[]>(Unpack, (call) => {
  const { value } = call.inputs as { value: TensorInfo };
  if (!isWords(value)) return call.original() as unknown as TensorInfo[];
  const [axis] = util.parseAxisParam(call.attrs.axis, value.shape) as [number];
  const shape = value.shape.filter((_, i) => i !== axis);
  const lengths = new Array<number>(value.shape[axis]!).fill(1);
  return cut(call, value, axis, lengths).map((part) => ({ ...part, shape }));
});

function cut(call: KernelCall<object>, whole: TensorInfo, axis: number, lengths: number[]): TensorInfo[] {
  const parts = lengths.map((length) => call.backend.makeOutput(whole.shape.with(axis, length), whole.dtype));
  copyParts(call, { whole, parts, axis, cuts: true });
  return parts;
}

interface Copies {
  whole: TensorInfo;
  /** One after another along `axis`. */
  parts: TensorInfo[];
  axis: number;
  /** Whether the parts come from the whole, or the whole from the parts. */
  cuts: boolean;
}

function copyParts({ engine }: Pick<KernelCall, 'engine'>, { whole, parts, axis, cuts }: Copies): void {
  const runs = util.sizeFromShape(whole.shape.slice(0, axis));
  const bytesAlong = ({ shape }: TensorInfo) => bytesOf(util.sizeFromShape(shape.slice(axis)));
  const step = bytesAlong(whole);
  const lanes = engine.lanesFor(util.sizeFromShape(whole.shape));
  const rows = split(runs, lanes);
  let offset = engine.address(whole);
  const calls = parts.flatMap((part) => {
    const bytes = bytesAlong(part);
    const start = offset;
    offset += bytes;
    return rows.map((row) => {
      const ends = [
        { address: start + row.start * step, step },
        { address: engine.address(part) + row.start * bytes, step: bytes },
      ];
      const [from, to] = cuts ? ends : ends.reverse();
      return [from!.address, to!.address, bytes, row.count, from!.step, to!.step];
    });
  });
  engine.run('copyRuns', calls, lanes); // many small parts are not worth waking threads for
}
