// A training's state as one file in the safetensors format (https://huggingface.co/docs/safetensors), so that any tool that
// knows it can look inside: eight bytes with the length of a JSON header, the header, the numbers.
import { createHash } from 'node:crypto';
import type { TrainingState, WeightValues } from '../checkpoint.ts';
import { CheckpointError } from '../errors.ts';

const FORMAT = 'stridelab-trainer/1';

interface Entry {
  dtype: 'F32' | 'I32' | 'U8';
  shape: number[];
  data_offsets: [number, number];
}

const KINDS = { F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;

/** The state without its numbers. */
interface Description extends Omit<TrainingState, 'weights' | 'optimizer'> {
  weights: { key: string; name: string; dtype: TrainingState['weights'][number]['dtype'] }[];
  optimizer: { step: number; sizes: number[]; slots: Record<string, string> };
}

/** The file's content, in pieces. */
export function encodeState({ configuration, progress, weights, optimizer }: TrainingState): Uint8Array[] {
  const entries: Record<string, Entry> = {};
  const data: Uint8Array[] = [];
  let offset = 0;
  const add = (key: string, shape: number[], values: WeightValues) => {
    const dtype = values instanceof Float32Array ? 'F32' : values instanceof Int32Array ? 'I32' : 'U8';
    entries[key] = { dtype, shape, data_offsets: [offset, offset + values.byteLength] };
    data.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    offset += values.byteLength;
  };
  const description: Description = {
    configuration,
    progress,
    weights: weights.map(({ name, dtype }, i) => ({
      key: `weights/${String(i).padStart(4, '0')}/${name}`,
      name,
      dtype,
    })),
    optimizer: { step: optimizer.step, sizes: optimizer.sizes, slots: {} },
  };
  // Four-byte numbers first, so that each of them begins where a reader may map it.
  const order = [...weights.keys()].sort((a, b) => Number(bytesEach(weights[b]!)) - Number(bytesEach(weights[a]!)));
  for (const [slot, values] of Object.entries(optimizer.slots)) {
    description.optimizer.slots[slot] = `optimizer/${slot}`;
    add(`optimizer/${slot}`, [values.length], values);
  }
  for (const i of order) add(description.weights[i]!.key, weights[i]!.shape, weights[i]!.values);
  const state = JSON.stringify(description);
  const sha256 = digest(state, entries, data);
  const header = JSON.stringify({ __metadata__: { format: FORMAT, state, sha256 }, ...entries });
  const bytes = Buffer.from(header);
  const padded = Buffer.alloc(Math.ceil(bytes.length / 8) * 8, ' ');
  bytes.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return [length, padded, ...data];
}

/** The state in a file's content. Anything that is not exactly what was written is refused. */
export function decodeState(file: Uint8Array): TrainingState {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const end = 8 + (bytes.length >= 8 ? Number(bytes.readBigUInt64LE()) : Number.POSITIVE_INFINITY);
  if (!(end <= bytes.length)) throw damaged('it must be whole', `${bytes.length} bytes`);
  const { __metadata__: metadata, ...entries } = parse(bytes.toString('utf8', 8, end));
  if (metadata?.format !== FORMAT) throw damaged(`its format must be ${FORMAT}`, metadata?.format);
  const data = bytes.subarray(end);
  const found = digest(metadata.state ?? '', entries as Record<string, Entry>, [data]);
  if (found !== metadata.sha256) throw damaged(`its content must have the digest ${metadata.sha256}`, found);
  const { weights, optimizer, ...description } = JSON.parse(metadata.state!) as Description;
  const values = (key: string) => {
    const { dtype, data_offsets: offsets } = (entries as Record<string, Entry>)[key]!;
    const copy = data.buffer.slice(data.byteOffset + offsets[0], data.byteOffset + offsets[1]);
    return new KINDS[dtype](copy as ArrayBuffer);
  };
  return {
    ...description,
    weights: weights.map(({ key, name, dtype }) => {
      return { name, dtype, shape: (entries as Record<string, Entry>)[key]!.shape, values: values(key) };
    }),
    optimizer: {
      ...optimizer,
      slots: Object.fromEntries(
        Object.entries(optimizer.slots).map(([slot, key]) => [slot, values(key) as Float32Array]),
      ),
    },
  };
}

function parse(header: string): Record<string, unknown> & { __metadata__?: Record<string, string> } {
  try {
    return JSON.parse(header) ?? {};
  } catch {
    throw damaged('its header must be JSON', header.slice(0, 20));
  }
}

function digest(state: string, entries: Record<string, Entry>, data: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update(state).update(JSON.stringify(entries));
  for (const chunk of data) hash.update(chunk);
  return hash.digest('hex');
}

function bytesEach({ values }: { values: WeightValues }): number {
  return values.BYTES_PER_ELEMENT;
}

function damaged(rule: string, got: unknown): CheckpointError {
  return new CheckpointError('decodeState', rule, got);
}
