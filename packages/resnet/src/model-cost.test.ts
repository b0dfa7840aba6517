import { PHCConv2D } from '@stridelab/phc-conv';
import { expectNamedError, expectNoLeak, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { modelCost, ResnetError, resnet, resnet18, resnet20, resnet50 } from './index.ts';
import { StandInPool, trainableParameters } from './testing.ts';

describe('modelCost', () => {
  it.each([
    // What the literature counts for these networks at 224 x 224 and 32 x 32.
    [() => resnet18({ classes: 1000, inputShape: [224, 224, 3] }), 1_814_073_344],
    [() => resnet50({ classes: 1000, inputShape: [224, 224, 3] }), 4_089_184_256],
    [() => resnet20({ classes: 10, inputShape: [32, 32, 3] }), 40_551_040],
  ])('counts the multiply-adds of a known network', (make, multiplyAdds) => {
    const model = make();
    const cost = modelCost(model);
    expect(cost.multiplyAdds).toBe(multiplyAdds);
    expect(cost.trainableParameters).toBe(trainableParameters(model));
    expect(cost.parameters).toBe(model.countParams());
    model.dispose();
  });

  it('tells layer by layer, in the order of computation', () => {
    const { conv2d, depthwiseConv2d, conv2dTranspose, separableConv2d, flatten, dense } = tfl.layers;
    const model = tfl.sequential({
      layers: [
        conv2d({ inputShape: [6, 8, 3], filters: 4, kernelSize: 3, strides: 2, padding: 'same', name: 'a' }),
        depthwiseConv2d({ kernelSize: [1, 3], depthMultiplier: 2, padding: 'same', name: 'b' }),
        conv2dTranspose({ filters: 2, kernelSize: 2, strides: 2, name: 'c' }),
        separableConv2d({ filters: 5, kernelSize: 3, padding: 'same', name: 'd' }),
        flatten({ name: 'e' }),
        dense({ units: 7, name: 'f' }),
      ],
    });
    const rows = modelCost(model).layers.map(({ name, outputShape, multiplyAdds, parameters, activationBytes }) => {
      expect(activationBytes).toBe(4 * tf.util.sizeFromShape(outputShape));
      return [name, outputShape, multiplyAdds, parameters];
    });
    expect(rows).toEqual([
      ['a', [1, 3, 4, 4], 3 * 4 * 4 * (9 * 3), 9 * 3 * 4 + 4],
      ['b', [1, 3, 4, 8], 3 * 4 * 8 * 3, 3 * 8 + 8],
      ['c', [1, 6, 8, 2], 3 * 4 * 8 * (4 * 2), 4 * 8 * 2 + 2],
      ['d', [1, 6, 8, 5], 6 * 8 * (2 * 9 + 2 * 5), 9 * 2 + 2 * 5 + 5],
      ['e', [1, 240], 0, 0],
      ['f', [1, 7], 240 * 7, 240 * 7 + 7],
    ]);
  });

  it('counts a hypercomplex layer as the plain one, with its own parameters', () => {
    const options = { inputShape: [4, 4, 6], filters: 6, kernelSize: 3, padding: 'same' as const };
    const [plain, phc] = [tfl.layers.conv2d(options), new PHCConv2D({ n: 3, ...options })].map((layer) =>
      modelCost(tfl.sequential({ layers: [layer] })),
    );
    expect(phc!.multiplyAdds).toBe(plain!.multiplyAdds);
    expect(phc!.parameters).toBe((9 * 6 * 6) / 3 + 27 + 6);
  });

  it('counts models within the model, each time, and several inputs', () => {
    const { add, conv2d, dense, globalAveragePooling2d } = tfl.layers;
    const image = tfl.input({ shape: [6, 6, 2] });
    const once = conv2d({ filters: 2, kernelSize: 3, padding: 'same', useBias: false, name: 'inner' }).apply(image);
    const block = tfl.model({ inputs: image, outputs: add().apply([image, once as never]) as tfl.SymbolicTensor });
    const [input, other] = [tfl.input({ shape: [6, 6, 2] }), tfl.input({ shape: [5] })];
    const twice = block.apply(block.apply(input) as tfl.SymbolicTensor) as tfl.SymbolicTensor;
    const outputs = [globalAveragePooling2d({}).apply(twice), dense({ units: 3 }).apply(other)] as tfl.SymbolicTensor[];
    const model = tfl.model({ inputs: [input, other], outputs });
    const cost = modelCost(model);
    expect(cost.multiplyAdds).toBe(2 * (36 * 9 * 2 * 2) + 5 * 3);
    expect(cost.layers.filter(({ name }) => name === 'inner').map(({ parameters }) => parameters)).toEqual([36, 0]);
    expect(cost.parameters).toBe(model.countParams());
  });

  it('asks a layer that knows better', () => {
    class Costly extends tfl.layers.Layer {
      static className = 'Costly';
      multiplyAdds = (input: number[], output: number[]) => 100 * input[1]! + output[1]!;
    }
    const model = tfl.sequential({ layers: [new Costly({ inputShape: [3] })] });
    expect(modelCost(model).multiplyAdds).toBe(303);
  });

  it('takes other sizes where the model does, and refuses them where it does not', async () => {
    const model = tfl.sequential({
      layers: [tfl.layers.conv2d({ inputShape: [null, null, 1] as never, filters: 1, kernelSize: 1, useBias: false })],
    });
    expect(modelCost(model, [3, 5, 1]).multiplyAdds).toBe(15);
    const refused = (got: string) => `resnet.modelCost: inputShape must be integers that fit [any, any, 1], got ${got}`;
    await expectNamedError(() => modelCost(model), ResnetError, refused('[null, null, 1]'));
    await expectNamedError(() => modelCost(model, [3, 5, 2]), ResnetError, refused('[3, 5, 2]'));
    await expectNamedError(() => modelCost(model, [3, 5]), ResnetError, refused('[3, 5]'));
  });
});

forEachBackend(() => {
  it('knows the sizes behind a layer that cannot tell them, and leaks nothing', () => {
    const model = resnet({
      ...{ depth: 18, variant: 'preact', stem: 'cifar', classes: 10, inputShape: [16, 16, 3], widths: [2, 2, 4, 4, 4] },
      downsample: ({ name }, { stage }) => (stage > 0 ? new StandInPool({ name }) : undefined),
    });
    const { layers } = modelCost(model);
    const shapeOf = (name: string) => layers.filter((row) => row.name === name).map((row) => row.outputShape);
    expect(shapeOf('stage4_block2_add')).toEqual([[1, 2, 2, 4]]);
    // Both applications of the shared layer, its parameters once.
    expect(shapeOf('stage2_pool')).toHaveLength(2);
    expect(layers.filter(({ name }) => name === 'stage2_pool').map(({ parameters }) => parameters)).toEqual([2, 0]);
    expectNoLeak(() => {
      modelCost(model);
    });
    model.dispose();
  });
});
