// Whatever bytes come in.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { goldenCases, goldenTensor } from '@stridelab/test-kit';
import type * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { resnet } from './index.ts';
import { loadPretrained } from './pretrained.ts';

const golden = goldenCases('resnet').find(({ name }) => name === 'cifar')!;
const bytes = Uint8Array.from(atob(golden.file), (letter) => letter.charCodeAt(0));

/** The same bytes in other memory. */
function into<Memory extends ArrayBufferLike>(memory: Memory): Memory {
  new Uint8Array(memory).set(bytes);
  return memory;
}

function readBack(): Buffer {
  const file = join(tmpdir(), `pretrained-bytes-${process.pid}.safetensors`);
  writeFileSync(file, bytes);
  const read = readFileSync(file);
  rmSync(file);
  return read;
}

it.each<[string, () => ArrayBufferLike | ArrayBufferView]>([
  ['a file of Node', readBack],
  ['a Buffer within a larger one', () => Buffer.concat([Buffer.alloc(3), bytes]).subarray(3)],
  ['a DataView', () => new DataView(into(new ArrayBuffer(bytes.length)))],
  ['memory that threads share', () => into(new SharedArrayBuffer(bytes.length))],
  ['memory of another realm', () => into(runInNewContext(`new ArrayBuffer(${bytes.length})`))],
  ['a view of another realm', () => runInNewContext('Uint8Array.from(given)', { given: [...bytes] })],
])('reads %s', async (_, give) => {
  const model = resnet({ ...golden.options, padding: 'symmetric' });
  loadPretrained(model, give());
  await expect(model.predict(goldenTensor(golden.x)) as tf.Tensor).toBeAllClose(goldenTensor(golden.y));
  model.dispose();
});
