import { expect, it } from 'vitest';
import { isFloat, readSafetensors, valuesOf } from './safetensors.ts';
import { safetensorsFile } from './testing.ts';

const bytesOf = (array: Uint16Array | Float32Array | Float64Array) => new Uint8Array(array.buffer);

it.each<[string, Uint8Array, number[]]>([
  ['F64', bytesOf(new Float64Array([1.5, -2, 1e-3])), [1.5, -2, Math.fround(1e-3)]],
  ['F32', bytesOf(new Float32Array([1.5, -2, 1e-3])), [1.5, -2, Math.fround(1e-3)]],
  // 1.5, -2, the largest, the least normal, the least of all, -0, infinity, NaN
  [
    'F16',
    bytesOf(new Uint16Array([0x3e00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8000, 0xfc00, 0x7e00])),
    [1.5, -2, 65504, 2 ** -14, 2 ** -24, -0, Number.NEGATIVE_INFINITY, Number.NaN],
  ],
  ['BF16', bytesOf(new Uint16Array([0x3fc0, 0xc000, 0x7f80, 0x0001])), [1.5, -2, Number.POSITIVE_INFINITY, 2 ** -133]],
])('reads %s, wherever it lies', (dtype, bytes, expected) => {
  for (const odd of ['', 'x', 'xx']) {
    const file = safetensorsFile({ [`a${odd}`]: { shape: [expected.length], dtype, bytes } });
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    const stored = readSafetensors(shifted.subarray(1))!.get(`a${odd}`)!;
    expect(stored.shape).toEqual([expected.length]);
    expect([...valuesOf(stored)]).toEqual(expected);
  }
});

it('keeps the order of the file and what is no float, and leaves its metadata out', () => {
  const file = safetensorsFile({
    b: { shape: [] },
    count: { shape: [], dtype: 'I64', bytes: new Uint8Array(8) },
    a: { shape: [0, 3] },
    odd: { shape: [1], dtype: 'constructor', bytes: new Uint8Array(8) },
  });
  const tensors = readSafetensors(file)!;
  expect([...tensors].map(([name, stored]) => [name, isFloat(stored)])).toEqual([
    ['b', true],
    ['count', false],
    ['a', true],
    ['odd', false],
  ]);
  const text = '{"__metadata__":{"format":"pt"}}';
  const bare = new TextEncoder().encode(`${String.fromCharCode(text.length)}\0\0\0\0\0\0\0${text}`);
  expect(readSafetensors(bare)!.size).toBe(0);
});

const whole = safetensorsFile({ a: { shape: [2, 3] } });
const withHeader = (text: string, data = 24) => {
  const header = new TextEncoder().encode(text);
  return Uint8Array.from([header.length, 0, 0, 0, 0, 0, 0, 0, ...header, ...new Uint8Array(data)]);
};

it.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array(0)],
  ['a web page', new TextEncoder().encode('<!doctype html><title>Not found</title>')],
  ['half of it', whole.subarray(0, whole.length - 1)],
  ['half of its header', whole.subarray(0, 20)],
  ['no JSON', withHeader('{a')],
  ['no object', withHeader('null')],
  ['no text', Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe])],
  ['no shape', withHeader('{"a":{"dtype":"F32","data_offsets":[0,24]}}')],
  ['no tensor', withHeader('{"a":null}')],
  ['another size', withHeader('{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,24]}}')],
  ['a negative place', withHeader('{"a":{"dtype":"F32","shape":[6],"data_offsets":[-8,16]}}')],
  ['three places', withHeader('{"a":{"dtype":"F32","shape":[6],"data_offsets":[0,24,24]}}')],
  ['a gap', withHeader('{"a":{"dtype":"F32","shape":[5],"data_offsets":[4,24]}}')],
  ['more behind it', withHeader('{"a":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}', 25)],
  [
    'two in one place',
    withHeader(
      '{"a":{"dtype":"I8","shape":[24],"data_offsets":[0,24]},"b":{"dtype":"I8","shape":[24],"data_offsets":[0,24]}}',
    ),
  ],
  ['an end before the beginning', withHeader('{"a":{"dtype":"I64","shape":[6],"data_offsets":[16,8]}}')],
])('tells that it was given %s', (_, bytes) => {
  expect(readSafetensors(bytes)).toBeUndefined();
});
