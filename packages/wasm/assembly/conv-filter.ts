// Gradient of a convolution with respect to its filter: for every tap, x^T dy summed over the pixels that meet there.
import { packBlocks } from './pack';

/**
 * Adds x^T dy of one tap for 4 input and 8 output channels to the 4 x 8 sums at `sums`.
 * `x` holds 4 lanes a pixel, `dy` 8; all strides in bytes.
 */
function addOuterProducts(
  x: usize,
  dy: usize,
  sums: usize,
  images: i32,
  rows: i32,
  columns: i32,
  imageStride: usize,
  rowStride: usize,
  columnStride: usize,
): void {
  // From zero in every pass: a running sum of all pixels would round off more and more.
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (let image = 0; image < images; image++) {
    let xRow = x + <usize>image * imageStride;
    for (let row = 0; row < rows; row++) {
      let at = xRow;
      for (let column = 0; column < columns; column++) {
        const d0 = v128.load(dy);
        const d1 = v128.load(dy, 16);
        const x0 = v128.load32_splat(at);
        s00 = f32x4.add(s00, f32x4.mul(x0, d0));
        s01 = f32x4.add(s01, f32x4.mul(x0, d1));
        const x1 = v128.load32_splat(at, 4);
        s10 = f32x4.add(s10, f32x4.mul(x1, d0));
        s11 = f32x4.add(s11, f32x4.mul(x1, d1));
        const x2 = v128.load32_splat(at, 8);
        s20 = f32x4.add(s20, f32x4.mul(x2, d0));
        s21 = f32x4.add(s21, f32x4.mul(x2, d1));
        const x3 = v128.load32_splat(at, 12);
        s30 = f32x4.add(s30, f32x4.mul(x3, d0));
        s31 = f32x4.add(s31, f32x4.mul(x3, d1));
        at += columnStride;
        dy += 32;
      }
      xRow += rowStride;
    }
  }
  v128.store(sums, f32x4.add(v128.load(sums), s00));
  v128.store(sums, f32x4.add(v128.load(sums, 16), s01), 16);
  v128.store(sums, f32x4.add(v128.load(sums, 32), s10), 32);
  v128.store(sums, f32x4.add(v128.load(sums, 48), s11), 48);
  v128.store(sums, f32x4.add(v128.load(sums, 64), s20), 64);
  v128.store(sums, f32x4.add(v128.load(sums, 80), s21), 80);
  v128.store(sums, f32x4.add(v128.load(sums, 96), s30), 96);
  v128.store(sums, f32x4.add(v128.load(sums, 112), s31), 112);
}

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
