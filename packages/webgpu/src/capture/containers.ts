// A step's result: tensors in lists and objects, as TF.js's tidy takes them.
import { Tensor, type TensorContainer } from '@tensorflow/tfjs-core';
import { CaptureError } from '../errors.ts';

/** What tells one place for tensors from another: nothing, a tensor's number in the list, or places in a list or an object. */
export type Structure = undefined | number | Structure[] | { [name: string]: Structure };

/** The tensors of a result, and where each belongs. */
export function takeApart(result: unknown): { tensors: Tensor[]; structure: Structure } {
  const tensors: Tensor[] = [];
  const visit = (value: unknown): Structure => {
    if (value === undefined || value === null) return undefined;
    if (value instanceof Tensor) return tensors.push(value) - 1;
    if (Array.isArray(value)) return value.map(visit);
    if (Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name, visit(item)]));
    }
    throw new CaptureError('the step must return tensors, or lists or objects of them', value);
  };
  return { structure: visit(result), tensors };
}

/** The same result with other tensors. */
export function putTogether<T extends TensorContainer>(structure: Structure, tensors: readonly Tensor[]): T {
  const visit = (place: Structure): unknown => {
    if (typeof place === 'number') return tensors[place];
    if (Array.isArray(place)) return place.map(visit);
    if (!place) return place;
    return Object.fromEntries(Object.entries(place).map(([name, item]) => [name, visit(item)]));
  };
  return visit(structure) as T;
}
