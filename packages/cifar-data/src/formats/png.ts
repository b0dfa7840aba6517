// Reads the one kind of PNG that CIFAR is stored in: 8-bit RGB, not interlaced, straight into the array it belongs in.
// General PNG libraries return a new array, take every kind of image, and inflate with JavaScript; this one inflates
// with what the platform brings. Chunk CRCs are not looked at: the SHA-256 of the result says more.
import { CifarDataError } from '../errors.ts';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const PIXEL = 3;

interface Size {
  width: number;
  height: number;
}

/** Decodes into `target`, (height, width, 3) bytes; refuses any other size. */
export async function decodePng(name: string, png: Uint8Array, size: Size, target: Uint8Array): Promise<void> {
  const { header, data } = readChunks(name, png);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const found = [view.getUint32(0), view.getUint32(4), ...header.subarray(8, 13)];
  const expected = [size.width, size.height, 8, 2, 0, 0, 0];
  if (!expected.every((value, i) => value === found[i])) {
    const rule = `${name} must be ${size.width} x ${size.height}, 8-bit RGB, not interlaced: ${expected.join(' ')}`;
    throw malformed(rule, found);
  }
  const rows = await inflate(name, data, size.height * (1 + PIXEL * size.width));
  unfilter(name, rows, size, target);
}

function malformed(rule: string, got: unknown, cause?: unknown): CifarDataError {
  return new CifarDataError('decodePng', rule, got, { code: 'malformed', cause });
}

function readChunks(name: string, png: Uint8Array): { header: Uint8Array; data: Uint8Array<ArrayBuffer>[] } {
  if (!SIGNATURE.every((byte, i) => byte === png[i])) {
    throw malformed(`${name} must begin with a PNG signature`, [...png.subarray(0, 8)]);
  }
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const data: Uint8Array<ArrayBuffer>[] = [];
  let header: Uint8Array | undefined;
  let offset = SIGNATURE.length;
  while (offset + 12 <= png.length) {
    const length = view.getUint32(offset);
    const type = String.fromCharCode(...png.subarray(offset + 4, offset + 8));
    const body = png.subarray(offset + 8, offset + 8 + length) as Uint8Array<ArrayBuffer>;
    offset += 12 + length;
    if (offset > png.length) break;
    if (type === 'IHDR' && length === 13) header = body;
    else if (type === 'IDAT') data.push(body);
    else if (type === 'IEND' && header) return { header, data };
  }
  throw new CifarDataError('decodePng', `${name} must hold IHDR, IDAT and IEND`, `${png.length} bytes`, {
    code: 'truncated',
  });
}

/** Inflates to exactly `length` bytes: a stream that claims more is not followed. */
async function inflate(name: string, chunks: Uint8Array<ArrayBuffer>[], length: number): Promise<Uint8Array> {
  const rows = new Uint8Array(length);
  const next = chunks[Symbol.iterator]();
  const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const { done, value } = next.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const reader = compressed.pipeThrough(new DecompressionStream('deflate')).getReader();
  let filled = 0;
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      if (filled + value!.length > length) {
        await reader.cancel();
        filled += value!.length;
        break;
      }
      rows.set(value!, filled);
      filled += value!.length;
    }
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw malformed(`${name} must hold an intact zlib stream`, words, cause);
  }
  if (filled !== length) throw malformed(`${name} must inflate to ${length} bytes`, filled);
  return rows;
}

/** Undoes the row filters (https://www.w3.org/TR/png-3/#9Filters) from `rows` into `target`. */
function unfilter(name: string, rows: Uint8Array, { width, height }: Size, target: Uint8Array): void {
  const stride = width * PIXEL;
  for (let row = 0; row < height; row++) {
    const from = row * (stride + 1) + 1;
    const to = row * stride;
    const filter = rows[from - 1]!;
    // A missing neighbour counts as zero: `left` is 0 before the first pixel, `above` and `corner` in the first row.
    const aboveRow = row === 0 ? -1 : to - stride;
    for (let i = 0; i < stride && filter < 2; ) {
      // The two filters that nearly every row has, without a branch a byte.
      if (filter === 0 || i < PIXEL) target[to + i] = rows[from + i]!;
      else target[to + i] = rows[from + i]! + target[to + i - PIXEL]!;
      i++;
    }
    if (filter < 2) continue;
    if (filter > 4) throw malformed(`row ${row} of ${name} must have a filter in [0, 4]`, filter);
    for (let i = 0; i < stride; i++) {
      const left = i < PIXEL ? 0 : target[to + i - PIXEL]!;
      const above = aboveRow < 0 ? 0 : target[aboveRow + i]!;
      const corner = aboveRow < 0 || i < PIXEL ? 0 : target[aboveRow + i - PIXEL]!;
      target[to + i] = rows[from + i]! + predict(filter, left, above, corner);
    }
  }
}

function predict(filter: number, left: number, above: number, corner: number): number {
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
