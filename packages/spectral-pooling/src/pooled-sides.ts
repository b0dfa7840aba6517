// Which frequencies fixed spectral pooling keeps.
import { columnSide, type Norm, normFactor, rowSide, type Side } from './side.ts';

/** length // stride, the floor of the exact quotient: 16 // 1.6 is 9, since the double 1.6 is a little more than 8/5. */
function floorDivide(length: number, stride: number): number {
  return Math.round((length - (length % stride)) / stride);
}

/** Height for a stride: rounded down to an even number of rows, at least 2. */
export function pooledHeight(height: number, stride: number): number {
  const rows = floorDivide(height, stride);
  return Math.max(rows - (rows % 2), 2);
}

/** Width (or length) for a stride: rounded down, at least 2. */
export function pooledWidth(width: number, stride: number): number {
  return Math.max(floorDivide(width, stride), 2);
}

/** The `outputSize` rows of lowest frequency; of an even number, the unpaired one is the most negative. */
export function pooledRows(inputSize: number, outputSize: number, norm: Norm): Side {
  // An odd number of rows is symmetric, and so is the whole spectrum: as in a real FFT, half of them says all.
  if (outputSize % 2 === 1 || outputSize === inputSize) {
    return { ...pooledColumns(inputSize, outputSize, norm), real: true };
  }
  const rows = Array.from({ length: outputSize }, (_, j) => (j < outputSize / 2 ? j : j - outputSize));
  return scaled(rowSide(inputSize, rows), norm);
}

/** Columns 0 .. outputSize // 2 of the half spectrum. */
export function pooledColumns(inputSize: number, outputSize: number, norm: Norm): Side {
  return scaled(columnSide(inputSize, outputSize, Math.floor(outputSize / 2) + 1), norm);
}

export function scaled(side: Side, norm: Norm): Side {
  const factor = normFactor(norm, side.inputSize, side.outputSize);
  return { ...side, bins: side.bins.map((bin) => ({ ...bin, amplitude: bin.amplitude * factor })) };
}
