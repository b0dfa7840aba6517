// One linear transform along one axis of a tensor, with its gradient: the adjoint transform.
import { customGrad, reshape, type Tensor, tidy, util, zeros } from '@tensorflow/tfjs-core';
import { adjoint, type LineTransform } from './line-transform.ts';
import { rows, swap } from './row-operations.ts';
import { transformRows } from './transform-rows.ts';

/**
 * Applies a transform along `axis` of a packed tensor, (parts, ...shape), `axis` counting from the parts, so that it is 1
 * or more. Differentiable any number of times.
 */
export function transformAxis(x: Tensor, axis: number, transform: LineTransform): Tensor {
  const differentiable = customGrad((input) => ({
    value: transformLines(input as Tensor, axis, transform),
    gradFunc: (dy: Tensor) => transformAxis(dy, axis, adjoint(transform)),
  }));
  return differentiable(x);
}

function transformLines(x: Tensor, axis: number, transform: LineTransform): Tensor {
  const { input, output } = transform;
  const [before, after] = [x.shape.slice(1, axis), x.shape.slice(axis + 1)];
  const shape = [output.parts, ...before, output.rows, ...after];
  // Of nothing, and to nothing, there is nothing to multiply.
  if (x.size === 0 || shape.includes(0)) return zeros(shape);
  const outer = util.sizeFromShape(before);
  // With the axis at the front there is one wide product to do.
  const exchange = (y: Tensor, parts: number, a: number, b: number) => (outer === 1 ? y : swap(y, parts, a, b));
  const transformed = tidy(() => {
    const lines = rows(exchange(x, input.parts, outer, input.rows), input.parts, input.rows);
    return transformRows(lines, transform);
  });
  return reshape(exchange(transformed, output.parts, output.rows, outer), shape);
}
