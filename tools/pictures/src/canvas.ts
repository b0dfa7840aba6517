// Tiles of gray on a white sheet, as a PNG.
import { encode } from 'fast-png';

/** Brightness 0 to 1, row by row. */
export interface Gray {
  width: number;
  height: number;
  values: ArrayLike<number>;
}

const GAP = 8;

/** Lays out rows of tiles, each enlarged without smoothing to `side` pixels, and encodes the sheet. */
export function sheet(rows: Gray[][], side: number): Uint8Array {
  const columns = Math.max(...rows.map((row) => row.length));
  const width = columns * (side + GAP) + GAP;
  const height = rows.length * (side + GAP) + GAP;
  const data = new Uint8Array(width * height).fill(255);
  for (const [r, row] of rows.entries()) {
    for (const [c, tile] of row.entries()) {
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const [sourceY, sourceX] = [Math.floor((y * tile.height) / side), Math.floor((x * tile.width) / side)];
          const value = tile.values[sourceY * tile.width + sourceX]!;
          const at = (GAP + r * (side + GAP) + y) * width + GAP + c * (side + GAP) + x;
          data[at] = Math.round(255 * Math.min(Math.max(value, 0), 1));
        }
      }
    }
  }
  return encode({ width, height, data, channels: 1, depth: 8 });
}
