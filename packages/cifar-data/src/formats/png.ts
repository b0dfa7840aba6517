// Reads the one kind of PNG that CIFAR is stored in: 8-bit RGB, not interlaced, straight into the array it belongs in.
// General PNG libraries return a new array, take every kind of image, and inflate with JavaScript; this one inflates
// with what the platform brings. Chunk CRCs are not looked at: the SHA-256 of the result says more.
import { CifarDataError } from '../errors.ts';
import { type Inflate, webInflate } from './inflate.ts';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const PIXEL = 3;

interface Size {
  width: number;
  height: number;
}

/** Decodes into `target`, (height, width, 3) bytes; refuses any other size. */
export async function decodePng(
  name: string,
  png: Uint8Array,
  size: Size,
  target: Uint8Array,
  inflate: Inflate = webInflate,
): Promise<void> {
  const { header, data } = readChunks(name, png);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const found = [view.getUint32(0), view.getUint32(4), ...header.subarray(8, 13)];
  const expected = [size.width, size.height, 8, 2, 0, 0, 0];
  if (!expected.every((value, i) => value === found[i])) {
    const rule = `${name} must be ${size.width} x ${size.height}, 8-bit RGB, not interlaced: ${expected.join(' ')}`;
    throw malformed(rule, found);
  }
  const take = (row: number, bytes: Uint8Array) => unfilter(name, row, bytes, target);
  await inflateRows(name, data, 1 + PIXEL * size.width, size.height, inflate, take);
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

/** Gives rows with their filter byte to `take`, one by one as they are inflated: no second image is ever held. */
async function inflateRows(
  name: string,
  chunks: Uint8Array<ArrayBuffer>[],
  rowBytes: number,
  rows: number,
  inflate: Inflate,
  take: (row: number, bytes: Uint8Array) => void,
): Promise<void> {
  // A row that began in one chunk and goes on in the next.
  const split = new Uint8Array(rowBytes);
  let filled = 0;
  let inflated = 0;
  let row = 0;
  try {
    for await (const chunk of inflate('deflate', chunks)) {
      inflated += chunk.length;
      // A stream that swells beyond what it should is not followed to its end.
      if (inflated > rowBytes * rows) break;
      for (let from = 0; from < chunk.length; ) {
        const whole = filled === 0 && from + rowBytes <= chunk.length;
        const piece = chunk.subarray(from, from + rowBytes - filled);
        from += piece.length;
        if (whole) {
          take(row++, piece);
          continue;
        }
        split.set(piece, filled);
        filled += piece.length;
        if (filled === rowBytes) {
          take(row++, split);
          filled = 0;
        }
      }
    }
  } catch (cause) {
    if (cause instanceof CifarDataError) throw cause;
    const words = cause instanceof Error ? cause.message : String(cause);
    throw malformed(`${name} must hold an intact zlib stream`, words, cause);
  }
  if (inflated !== rowBytes * rows) throw malformed(`${name} must inflate to ${rowBytes * rows} bytes`, inflated);
}

/** Undoes the filter of a row (https://www.w3.org/TR/png-3/#9Filters) into the image. */
function unfilter(name: string, row: number, bytes: Uint8Array, image: Uint8Array): void {
  const stride = bytes.length - 1;
  const to = row * stride;
  const filter = bytes[0]!;
  if (filter > 4) throw malformed(`row ${row} of ${name} must have a filter in [0, 4]`, filter);
  if (filter === 1) {
    // What nearly every row has, without a branch a byte.
    image.set(bytes.subarray(1, 1 + PIXEL), to);
    for (let i = PIXEL; i < stride; i++) image[to + i] = bytes[i + 1]! + image[to + i - PIXEL]!;
    return;
  }
  // A missing neighbour counts as zero: to the left of the first pixel, and above the first row.
  for (let i = 0; i < stride; i++) {
    const left = i < PIXEL ? 0 : image[to + i - PIXEL]!;
    const above = row === 0 ? 0 : image[to - stride + i]!;
    const corner = row === 0 || i < PIXEL ? 0 : image[to - stride + i - PIXEL]!;
    image[to + i] = bytes[i + 1]! + predict(filter, left, above, corner);
  }
}

function predict(filter: number, left: number, above: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
