// A network of ours out of tfjs-layers' own layers: what a user of TF.js alone would train.
import * as tfl from '@tensorflow/tfjs-layers';

interface LayerJson {
  name: string;
  class_name: string;
  config: Record<string, unknown>;
  inbound_nodes: unknown;
}

interface StockOptions {
  /** L2 of kernels, as a regularizer. */
  l2: number;
  /** What the network puts out. */
  outputs: 'logits' | 'probabilities';
}

/** Batch normalization and ReLU apart, and L2 as a regularizer of kernels. The weights are new. */
export async function stockNetwork(model: tfl.LayersModel, { l2, outputs }: StockOptions): Promise<tfl.LayersModel> {
  const topology = JSON.parse(JSON.stringify(model.toJSON(undefined, false)));
  const layers = topology.config.layers as LayerJson[];
  topology.config.layers = layers.flatMap((layer) => {
    if (layer.class_name === 'Conv2D' || layer.class_name === 'Dense') {
      layer.config.kernel_regularizer = { class_name: 'L1L2', config: { l1: 0, l2 } };
    }
    if (outputs === 'probabilities' && layer.name === layers.at(-1)!.name) layer.config.activation = 'softmax';
    if (layer.class_name !== 'BatchNorm') return [layer];
    const { activation, ...config } = layer.config;
    if (!activation) return [{ ...layer, class_name: 'BatchNormalization', config }];
    const name = `${layer.name}_norm`;
    return [
      { ...layer, name, class_name: 'BatchNormalization', config: { ...config, name } },
      {
        name: layer.name,
        class_name: 'Activation',
        config: { name: layer.name, activation },
        inbound_nodes: [[[name, 0, 0, {}]]],
      },
    ];
  });
  return await tfl.models.modelFromJSON({ modelTopology: topology } as never);
}
