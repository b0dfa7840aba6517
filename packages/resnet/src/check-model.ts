import { LayersModel } from '@tensorflow/tfjs-layers';
import { ResnetError } from './errors.ts';

export function checkModel(operation: string, model: unknown): void {
  if (!(model instanceof LayersModel)) throw new ResnetError(operation, 'model must be a model of layers', model);
}
