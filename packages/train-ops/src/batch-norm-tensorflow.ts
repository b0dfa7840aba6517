// Batch normalization in training by TensorFlow's own operations, through tfjs-node's backend.
import { backend, getBackend, relu, reshape, type Tensor, type Tensor1D, tensor1d } from '@tensorflow/tfjs-core';
import type { BatchNormAttributes } from './batch-norm-portable.ts';

interface OpAttribute {
  name: string;
  type: number;
  value: unknown;
}

/** As much of tfjs-node's backend as is used here. */
interface TensorFlowBackend {
  isUsingGpuDevice: boolean;
  binding: Record<'TF_FLOAT' | 'TF_ATTR_BOOL' | 'TF_ATTR_FLOAT' | 'TF_ATTR_STRING' | 'TF_ATTR_TYPE', number>;
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: Tensor[]): Tensor;
  executeMultipleOutputs(name: string, attributes: OpAttribute[], inputs: Tensor[], outputs: number): Tensor[];
}

/**
 * Whether the current backend is tfjs-node's and computes on the processor. What these operations save for their gradients is
 * another thing on a GPU, and not what `batchNormTrain` returns.
 */
export const runsHere = (): boolean => getBackend() === 'tensorflow' && !tensorFlow().isUsingGpuDevice;

const tensorFlow = () => backend() as unknown as TensorFlowBackend;

function attributesOf(epsilon: number): OpAttribute[] {
  const { binding } = tensorFlow();
  return [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'U', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: epsilon },
  ];
}

/** y, mean and variance. */
export function batchNormForward(
  { x, gamma, beta }: Record<'x' | 'gamma' | 'beta', Tensor>,
  { epsilon, relu: rectified }: BatchNormAttributes,
): [Tensor, Tensor1D, Tensor1D] {
  const none = tensor1d([]);
  const inputs = [asImages(x), gamma, beta, none, none];
  // The second and third are for moving statistics of TensorFlow's kind: the variance among them is the unbiased one.
  const outputs = tensorFlow().executeMultipleOutputs('FusedBatchNormV3', attributesOf(epsilon), inputs, 6);
  const normal = reshape(outputs[0]!, x.shape);
  return [rectified ? relu(normal) : normal, outputs[3] as Tensor1D, outputs[4] as Tensor1D];
}

/** dx, dGamma and dBeta. */
export function batchNormBackward(
  { dy, x, y, gamma, mean, variance }: Record<'dy' | 'x' | 'gamma' | 'mean' | 'variance', Tensor> & { y?: Tensor },
  { epsilon }: BatchNormAttributes,
): [Tensor, Tensor, Tensor] {
  const attributes = attributesOf(epsilon);
  const passed = y ? tensorFlow().executeSingleOutput('ReluGrad', attributes.slice(0, 1), [dy, y]) : dy;
  const inputs = [asImages(passed), asImages(x), gamma, mean, variance, tensor1d([])];
  const [dx, dGamma, dBeta] = tensorFlow().executeMultipleOutputs('FusedBatchNormGradV3', attributes, inputs, 5);
  return [reshape(dx!, x.shape), dGamma!, dBeta!];
}

/** All positions in one row of one image: these operations take tensors of rank 4. */
function asImages(x: Tensor): Tensor {
  const channels = x.shape.at(-1)!;
  return reshape(x, [1, 1, x.size / channels, channels]);
}
