// tf.gather, by which model.fit takes its batches and an embedding its words. TF.js reckons the place of every single number anew.
import { backend_util, GatherV2, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { bytesOf, isWords, trainingKernel } from './kernel.ts';

/** x (..., n, ...), indices -> x with the indices' axes in the place of `axis`, beside `batchDims` axes that both have. */
export const gather = trainingKernel<{ axis: number; batchDims: number }>(GatherV2, (call) => {
  const { inputs, attrs, backend, engine } = call;
  const { x, indices } = inputs as { x: TensorInfo; indices: TensorInfo };
  const [axis] = util.parseAxisParam(attrs.axis, x.shape) as [number];
  // TF.js says what is wrong with an index. Their view is not kept: the result may make the memory grow, and a view is empty then.
  const isPlace = (index: number) => index >= 0 && index < x.shape[axis]!;
  if (!isWords(x) || !backend.typedArrayFromHeap(indices).every(isPlace)) return call.original();
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } = backend_util.segment_util.collectGatherOpShapeInfo(
    x as never,
    indices as never,
    axis,
    attrs.batchDims,
  );
  const out = backend.makeOutput(outputShape, x.dtype);
  const count = util.sizeFromShape(indices.shape) / batchSize;
  const [bytes, stepFrom, stepTo] = [sliceSize, dimSize * sliceSize, count * sliceSize].map(bytesOf) as [
    number,
    number,
    number,
  ];
  const parts = split(count, engine.lanesFor(util.sizeFromShape(outputShape)));
  const calls = Array.from({ length: batchSize }, (_, batch) =>
    parts.map((part) => [
      engine.address(x) + batch * outerSize * stepFrom,
      engine.address(indices) + bytesOf(batch * count + part.start),
      engine.address(out) + batch * outerSize * stepTo + part.start * bytes,
      ...[bytes, part.count, outerSize, stepFrom, stepTo],
    ]),
  );
  engine.run('gatherRuns', calls.flat(), parts.length);
  return out;
});
