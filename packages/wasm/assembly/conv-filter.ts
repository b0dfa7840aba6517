// Gradient of a convolution with respect to its filter: for every tap, x^T dy summed over the pixels that meet there.
import { addOuterProducts } from './outer-products';
import { packBlocks } from './pack';

/**
 * dFilter[i, j, c, o] = sum over batch, y, x of X[y * stride + i * dilation - pad, ..., c] * dY[y, x, o].
 * One pass takes `images` images and `rows` rows of dY; `xBlocks`, `dyBlocks` and `sums` are scratch for one pass:
 *   xBlocks  (inChannels / 4, images, rows of x under the pass, columns of x under a row, 4)
 *   dyBlocks (outChannels / 8, images, rows, outWidth, 8)
 *   sums     (inChannels / 4, taps, outChannels / 8, 4, 8), each rounded up
 */
export function convBackpropFilter(
  x: usize,
  dy: usize,
  dFilter: usize,
  xBlocks: usize,
  dyBlocks: usize,
  sums: usize,
  batch: i32,
  height: i32,
  width: i32,
  inChannels: i32,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  padTop: i32,
  padLeft: i32,
  images: i32,
  rows: i32,
): void {
  const inBlocks = (inChannels + 3) >> 2;
  const outBlocks = (outChannels + 7) >> 3;
  const taps = filterHeight * filterWidth;
  const columns = (outWidth - 1) * strideWidth + (filterWidth - 1) * dilationWidth + 1;
  memory.fill(sums, 0, (<usize>(inBlocks * taps * outBlocks)) << 7);
  for (let image = 0; image < batch; image += images) {
    const passImages = min(images, batch - image);
    for (let row = 0; row < outHeight; row += rows) {
      const passRows = min(rows, outHeight - row);
      const xRows = (passRows - 1) * strideHeight + (filterHeight - 1) * dilationHeight + 1;
      const xImageBytes = (<usize>(xRows * columns)) << 4;
      const dyImageBytes = (<usize>(passRows * outWidth)) << 5;
      const xBlockBytes = xImageBytes * <usize>passImages;
      const dyBlockBytes = dyImageBytes * <usize>passImages;
      for (let i = 0; i < passImages; i++) {
        const n = <usize>(image + i);
        packBlocks(
          x + ((n * <usize>(height * width * inChannels)) << 2),
          xBlocks + <usize>i * xImageBytes,
          height,
          width,
          inChannels,
          row * strideHeight - padTop,
          -padLeft,
          xRows,
          columns,
          4,
          xBlockBytes,
        );
        packBlocks(
          dy + ((n * <usize>(outHeight * outWidth * outChannels)) << 2),
          dyBlocks + <usize>i * dyImageBytes,
          outHeight,
          outWidth,
          outChannels,
          row,
          0,
          passRows,
          outWidth,
          8,
          dyBlockBytes,
        );
      }
      for (let outBlock = 0; outBlock < outBlocks; outBlock++) {
        for (let inBlock = 0; inBlock < inBlocks; inBlock++) {
          for (let i = 0; i < filterHeight; i++) {
            for (let j = 0; j < filterWidth; j++) {
              const tap = i * filterWidth + j;
              addOuterProducts(
                xBlocks +
                  <usize>inBlock * xBlockBytes +
                  ((<usize>(i * dilationHeight * columns + j * dilationWidth)) << 4),
                dyBlocks + <usize>outBlock * dyBlockBytes,
                sums + ((<usize>((inBlock * taps + tap) * outBlocks + outBlock)) << 7),
                passImages,
                passRows,
                outWidth,
                xImageBytes,
                (<usize>(strideHeight * columns)) << 4,
                (<usize>strideWidth) << 4,
              );
            }
          }
        }
      }
    }
  }
  for (let tap = 0; tap < taps; tap++) {
    for (let c = 0; c < inChannels; c++) {
      const tile = sums + ((<usize>(((c >> 2) * taps + tap) * outBlocks)) << 7) + ((<usize>(c & 3)) << 5);
      const to = dFilter + ((<usize>((tap * inChannels + c) * outChannels)) << 2);
      for (let o = 0; o < outChannels; o += 8) {
        memory.copy(to + ((<usize>o) << 2), tile + ((<usize>(o >> 3)) << 7), (<usize>min(8, outChannels - o)) << 2);
      }
    }
  }
}
