// Matrix products, by the inner loop of the convolution: a matrix of r x k is r pixels of k channels.
import { convolveTiles } from './convolve-tiles';
import { packBlocks } from './pack';

/** c (rows, columns) = a (rows, inner) b (inner, columns). `panels` is scratch for b with its columns padded to eights. */
export function matMul(a: usize, b: usize, c: usize, panels: usize, rows: i32, columns: i32, inner: i32): void {
  packBlocks(b, panels, inner, 1, columns, 0, 0, inner, 1, 8, (<usize>inner) << 5);
  const rowBytes = (<usize>columns) << 2;
  convolveTiles(a, panels, c, rows, 1, 1, 1, 1, 1, 1, columns, inner, rowBytes, rowBytes);
}
