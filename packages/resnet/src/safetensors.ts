// Files of https://github.com/huggingface/safetensors: the length of a header, the header, then the numbers it tells of.

/** A tensor as it lies in the file. */
export interface Stored {
  dtype: string;
  shape: number[];
  bytes: Uint8Array;
}

/** Bytes of one number, and what turns such bytes into numbers. */
const TYPES: Readonly<Record<string, [size: number, read: (buffer: ArrayBuffer) => Float32Array]>> = {
  F64: [8, (buffer) => new Float32Array(new Float64Array(buffer))],
  F32: [4, (buffer) => new Float32Array(buffer)],
  F16: [2, (buffer) => widened(buffer, halves())],
  // The upper half of a float32.
  BF16: [2, (buffer) => widened(buffer, (bits) => bits << 16)],
};

/** Numbers of 16 bits as float32, of which `bitsOf` gives the bits. */
function widened(buffer: ArrayBuffer, bitsOf: (bits: number) => number): Float32Array {
  const given = new Uint16Array(buffer);
  const wide = new Int32Array(given.length);
  for (let i = 0; i < given.length; i++) wide[i] = bitsOf(given[i]!);
  return new Float32Array(wide.buffer);
}

/** The bits of a float16 as those of a float32. */
function halves(): (bits: number) => number {
  const float = new Float32Array(1);
  const word = new Int32Array(float.buffer);
  return (bits) => {
    // With the exponent moved to where a float32 has it, the number is 2^112 times too small, subnormal ones too.
    word[0] = (bits & 0x7fff) << 13;
    float[0] = float[0]! * 2 ** 112;
    const isNumber = (bits & 0x7c00) !== 0x7c00;
    return (isNumber ? word[0] : word[0] | 0x7f800000) | ((bits & 0x8000) << 16);
  };
}

const LENGTH_BYTES = 8;

/** The tensors of a file by their names; undefined where it is none, or has been cut short. */
export function readSafetensors(file: Uint8Array): Map<string, Stored> | undefined {
  const header = readHeader(file);
  if (!header) return undefined;
  const data = file.subarray(LENGTH_BYTES + header.length);
  const tensors = new Map<string, Stored>();
  const spans: Span[] = [];
  for (const [name, entry] of Object.entries(header.entries)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets: span } = Object(entry) as Record<string, unknown>;
    if (typeof dtype !== 'string' || !areCounts(shape) || !areCounts(span) || !isSpan(span, dtype, shape))
      return undefined;
    spans.push(span);
    tensors.set(name, { dtype, shape, bytes: data.subarray(...span) });
  }
  return coverAll(spans, data.length) ? tensors : undefined;
}

function readHeader(file: Uint8Array): { length: number; entries: object } | undefined {
  if (file.length < LENGTH_BYTES) return undefined;
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (length > file.length - LENGTH_BYTES) return undefined;
  // A copy: browsers decode no memory that threads share.
  const text = new TextDecoder().decode(file.slice(LENGTH_BYTES, LENGTH_BYTES + length));
  try {
    const entries = JSON.parse(text);
    return Object(entries) === entries ? { length, entries } : undefined;
  } catch {
    return undefined;
  }
}

/** From where to where in the data. */
type Span = [begin: number, end: number];

const areCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isInteger(item) && item >= 0);

function isSpan(span: number[], dtype: string, shape: number[]): span is Span {
  const [begin, end] = span as Span;
  const size = isFloat({ dtype }) ? TYPES[dtype]![0] : undefined;
  const fits = size === undefined || end - begin === size * shape.reduce((product, side) => product * side, 1);
  return span.length === 2 && begin <= end && fits;
}

/** One after another, from the beginning of the data to its end. */
function coverAll(spans: Span[], length: number): boolean {
  spans.sort(([a, aEnd], [b, bEnd]) => a - b || aEnd - bEnd);
  return spans.every(([begin], i) => begin === (spans[i - 1]?.[1] ?? 0)) && (spans.at(-1)?.[1] ?? 0) === length;
}

export function isFloat({ dtype }: Pick<Stored, 'dtype'>): boolean {
  return Object.hasOwn(TYPES, dtype);
}

export function valuesOf({ dtype, bytes }: Stored): Float32Array {
  // A copy begins where numbers may, and threads do not share it.
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return TYPES[dtype]![1](copy.buffer);
}
