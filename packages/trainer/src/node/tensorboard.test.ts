import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32c as otherCrc32c } from '@aws-crypto/crc32c';
import protobuf from 'protobufjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';
import { tensorBoardFile } from './tensorboard.ts';

// As in TensorFlow's event.proto and summary.proto.
const SCHEMA = `
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
  }
  message Summary {
    message Value { string tag = 1; oneof value { float simple_value = 2; } }
    repeated Value value = 1;
  }
  message SessionLog { enum SessionStatus { STATUS_UNSPECIFIED = 0; START = 1; } SessionStatus status = 1; }
`;
const Event = protobuf.parse(SCHEMA).root.lookupType('Event');

/** Reads records with protobufjs and another checksum than the writer's. */
function read(path: string): unknown[] {
  const file = readFileSync(path);
  const events: unknown[] = [];
  const check = (bytes: Uint8Array, stored: number) => {
    const turned = (BigInt(stored) - 0xa282ead8n) & 0xffffffffn;
    expect(Number(((turned >> 17n) | (turned << 15n)) & 0xffffffffn)).toBe(otherCrc32c(bytes));
  };
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    check(file.subarray(at, at + 8), file.readUInt32LE(at + 8));
    const data = file.subarray(at + 12, at + 12 + length);
    check(data, file.readUInt32LE(at + 12 + length));
    events.push(Event.toObject(Event.decode(data), { longs: Number, enums: String, oneofs: false }));
    at += length + 16;
  }
  return events;
}

const LONG = 'a long tag '.repeat(30);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tensorboard-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('writes what an independent reader reads', () => {
  const file = tensorBoardFile(folder, 0, () => 1_700_000_000_500);
  file.scalars(4, { loss: 2.5 });
  file.scalars(3_000_000_000, { 'strides/é': 0.1, [LONG]: Number.NaN });
  const wallTime = 1_700_000_000.5;
  expect(read(file.path)).toEqual([
    { wallTime, fileVersion: 'brain.Event:2' },
    { wallTime, step: 1, sessionLog: { status: 'START' } },
    { wallTime, step: 4, summary: { value: [{ tag: 'loss', simpleValue: 2.5 }] } },
    {
      wallTime,
      step: 3_000_000_000,
      summary: {
        value: [
          { tag: 'strides/é', simpleValue: Math.fround(0.1) },
          { tag: LONG, simpleValue: Number.NaN },
        ],
      },
    },
  ]);
  expect(file.path).toMatch(/events\.out\.tfevents\.1700000000\./);
});

it('tells TensorBoard that a run went on, and from where: what it has of the last step is kept', () => {
  const file = tensorBoardFile(folder, 200, () => 1000);
  expect(read(file.path)[1]).toEqual({ wallTime: 1, step: 201, sessionLog: { status: 'START' } });
  expect(tensorBoardFile(folder).path).not.toBe(file.path);
});

it('computes the checksum of RFC 3720', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
});
