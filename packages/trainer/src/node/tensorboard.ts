// Event files of TensorBoard: records, each with its length and checksums, of one `Event` message in protocol buffers' form.
// No library on npm writes them; what is needed of both formats is small, and a test reads it back with other programs' code.
// https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto
import { appendFileSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { crc32c } from './crc32c.ts';

export interface EventFile {
  readonly path: string;
  /** Adds one point to the curve of each tag. */
  scalars(step: number, values: Record<string, number>): void;
}

/** Begins an event file in a folder, of what comes after `step`. What older files there say of later steps counts no more. */
export function tensorBoardFile(folder: string, step = 0, now: () => number = Date.now): EventFile {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `events.out.tfevents.${Math.floor(now() / 1000)}.${hostname()}.${process.pid}.${++made}`);
  const add = (...fields: Uint8Array[]) => appendFileSync(path, record(joined([double(1, now() / 1000), ...fields])));
  add(text(3, 'brain.Event:2'));
  // TensorBoard forgets what it has of the step that this names as well.
  add(varint(2, step + 1), message(7, varint(1, SESSION_START)));
  return {
    path,
    scalars(at, values) {
      const points = Object.entries(values).map(([tag, value]) => message(1, text(1, tag), float(2, value)));
      add(varint(2, at), message(5, ...points));
    },
  };
}

let made = 0;
const SESSION_START = 1;

/** Length, its checksum, the data, its checksum: all little-endian. */
function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, masked(data), true);
  return bytes;
}

/** A checksum that may itself be part of checked data: turned by 15 bits, and a constant added. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** How the value of a field is written. */
const WIRE = { varint: 0, eight: 1, bytes: 2, four: 5 } as const;

function field(number: number, wire: keyof typeof WIRE, value: Uint8Array): Uint8Array {
  return joined([Uint8Array.of((number << 3) | WIRE[wire]), value]);
}

function digits(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

const varint = (number: number, value: number) => field(number, 'varint', digits(value));
const text = (number: number, value: string) => bytesField(number, new TextEncoder().encode(value));
const message = (number: number, ...fields: Uint8Array[]) => bytesField(number, joined(fields));

function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return field(number, 'bytes', joined([digits(bytes.length), bytes]));
}

function double(number: number, value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return field(number, 'eight', bytes);
}

function float(number: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return field(number, 'four', bytes);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
