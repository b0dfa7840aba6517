// Files of https://github.com/huggingface/safetensors: the length of a header, the header, then the numbers it tells of.

/** A tensor as it lies in the file. */
export interface Stored {
  dtype: string;
  shape: number[];
  bytes: Uint8Array;
}

/** Bytes of one number, and what turns such bytes into numbers. Integers, such as counts of batches, are no weights. */
const TYPES: Readonly<Record<string, [size: number, read: (buffer: ArrayBuffer) => Float32Array]>> = {
  F64: [8, (buffer) => Float32Array.from(new Float64Array(buffer))],
  F32: [4, (buffer) => new Float32Array(buffer)],
  F16: [2, (buffer) => Float32Array.from(new Uint16Array(buffer), fromHalf)],
  // The upper half of a float32.
  BF16: [2, (buffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer)],
};

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent ? sign * (1 + fraction) * 2 ** (exponent - 15) : sign * fraction * 2 ** -14;
}

const LENGTH_BYTES = 8;

/** The tensors of a file by their names; undefined where it is none, or has been cut short. */
export function readSafetensors(file: Uint8Array): Map<string, Stored> | undefined {
  const header = readHeader(file);
  if (!header) return undefined;
  const data = file.subarray(LENGTH_BYTES + header.length);
  const tensors = new Map<string, Stored>();
  for (const [name, entry] of Object.entries(header.entries)) {
    if (name === '__metadata__') continue;
    const stored = storedAt(data, entry);
    if (!stored) return undefined;
    tensors.set(name, stored);
  }
  return tensors;
}

function readHeader(file: Uint8Array): { length: number; entries: Record<string, unknown> } | undefined {
  if (file.length < LENGTH_BYTES) return undefined;
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (length > file.length - LENGTH_BYTES) return undefined;
  try {
    const text = new TextDecoder().decode(file.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
    const entries = JSON.parse(text);
    return Object(entries) === entries ? { length, entries } : undefined;
  } catch {
    return undefined;
  }
}

function storedAt(data: Uint8Array, entry: unknown): Stored | undefined {
  const { dtype, shape, data_offsets: offsets } = Object(entry) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !areCounts(shape) || !areCounts(offsets)) return undefined;
  const [begin, end] = offsets as [number, number];
  const size = Object.hasOwn(TYPES, dtype) ? TYPES[dtype]![0] : undefined;
  const fits = size === undefined || end - begin === size * shape.reduce((product, side) => product * side, 1);
  return fits && begin <= end && end <= data.length ? { dtype, shape, bytes: data.subarray(begin, end) } : undefined;
}

const areCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isInteger(item) && item >= 0);

export function isFloat({ dtype }: Stored): boolean {
  return Object.hasOwn(TYPES, dtype);
}

export function valuesOf({ dtype, bytes }: Stored): Float32Array {
  return TYPES[dtype]![1](bytes.slice().buffer as ArrayBuffer); // a copy begins where numbers may
}
