// 2D convolution (cross-correlation, as TF.js means it) by its definition, in float64. For tests alone.

interface Conv2dArguments {
  x: ArrayLike<number>;
  /** (batch, height, width, channels in) */
  xShape: [number, number, number, number];
  kernel: ArrayLike<number>;
  /** (kernel height, kernel width, channels in, channels out) */
  kernelShape: [number, number, number, number];
  strides?: [number, number];
  dilation?: [number, number];
  padding: 'same' | 'valid';
}

/** Values and shape (batch, height, width, channels out) of the convolution, padded as TensorFlow pads. */
export function naiveConv2d(args: Conv2dArguments): { values: Float64Array; shape: number[] } {
  const { x, xShape, kernel, kernelShape, strides = [1, 1], dilation = [1, 1], padding } = args;
  const [batch, height, width, channelsIn] = xShape;
  const [kh, kw, , channelsOut] = kernelShape;
  const [reachH, reachW] = [(kh - 1) * dilation[0] + 1, (kw - 1) * dilation[1] + 1];
  const side = (size: number, reach: number, stride: number) => {
    const out = padding === 'same' ? Math.ceil(size / stride) : Math.floor((size - reach) / stride) + 1;
    const pad = padding === 'same' ? Math.max((out - 1) * stride + reach - size, 0) : 0;
    return { out, before: Math.floor(pad / 2) };
  };
  const [rows, columns] = [side(height, reachH, strides[0]), side(width, reachW, strides[1])];
  const values = new Float64Array(batch * rows.out * columns.out * channelsOut);
  for (let b = 0; b < batch; b++)
    for (let oy = 0; oy < rows.out; oy++)
      for (let ox = 0; ox < columns.out; ox++)
        for (let i = 0; i < kh; i++)
          for (let j = 0; j < kw; j++) {
            const iy = oy * strides[0] + i * dilation[0] - rows.before;
            const ix = ox * strides[1] + j * dilation[1] - columns.before;
            if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
            for (let c = 0; c < channelsIn; c++)
              for (let o = 0; o < channelsOut; o++)
                values[((b * rows.out + oy) * columns.out + ox) * channelsOut + o]! +=
                  x[((b * height + iy) * width + ix) * channelsIn + c]! *
                  kernel[((i * kw + j) * channelsIn + c) * channelsOut + o]!;
          }
  return { values, shape: [batch, rows.out, columns.out, channelsOut] };
}
