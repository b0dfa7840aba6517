// Every shader that may be asked for is valid, those for chips that are not here too.
import '../testing/emulated-units.ts';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MatrixUnits } from '../gpu/device.ts';
import { backwardFilter, backwardInput, type ConvInfo, convInfo, forward } from '../kernels/products/convolution.ts';
import { complaints, nullDevice } from '../testing/null-device.ts';
import { linear, type Operand } from './operand.ts';
import { denseOutput } from './output.ts';
import { packProgram } from './packed.ts';
import type { Product } from './product.ts';
import { type ShaderOptions, shaderOf } from './shader.ts';
import { bytesOf, COMMON_UNITS, isMatrix, layoutOf, nameOf, type Tier, type Tile, threadsOf } from './tile.ts';
import { TILES, TRIALS } from './tuning.ts';

const tensor = (shape: number[]): TensorInfo => ({ dataId: {}, shape, dtype: 'float32' });

const info = (channels: number, out: number, stride: number): ConvInfo =>
  convInfo([2, 9, 8, channels], [3, 3, channels, out], { strides: stride, pad: 'same' })!;

function matMul(a: 'inner' | 'outer', b: 'inner' | 'outer', n: number): Product {
  return {
    ...{ name: 'matMul', batch: 1, rows: n, columns: n, inner: n, output: denseOutput([n, n]) },
    a: linear('A', { tensor: tensor([n, n]), contiguous: a, length: n }),
    b: linear('B', { tensor: tensor([n, n]), contiguous: b, length: n }),
  };
}

const [wide, odd, strided] = [info(8, 8, 1), info(3, 5, 1), info(8, 8, 2)];
const x = tensor([2, 9, 8, 8]);
const filter = tensor([3, 3, 8, 8]);

const PRODUCTS: Record<string, Product> = {
  forward: forward('forward', wide, x, filter),
  'forward, odd': forward('forward', odd, x, filter),
  fused: forward('fused', wide, x, filter, { bias: tensor([8]), activation: 'relu', alpha: 0 }),
  'd input': backwardInput('dInput', wide, x, filter),
  'd input, odd': backwardInput('dInput', odd, x, filter),
  'd input, strided': backwardInput('dInput', strided, x, filter),
  'd filter': backwardFilter('dFilter', wide, x, x),
  'd filter, odd': backwardFilter('dFilter', odd, x, x),
  matMul: matMul('inner', 'outer', 8),
  'A transposed': matMul('outer', 'outer', 8),
  'B transposed': matMul('inner', 'inner', 8),
  'both transposed, odd': matMul('outer', 'inner', 7),
};

/** Operands as they lie, in two parts each, and packed in float16: both of them, and one of them. */
function formsOf(tier: Tier, tile: Tile, product: Product, matrixUnits = COMMON_UNITS): Record<string, ShaderOptions> {
  const { a, b } = product;
  const wide = product.columns % 4 === 0;
  const form = { ...product, tier, tile, matrixUnits, split: false, wide, large: true, whole: false, leaves: false };
  if (!isMatrix(tier)) return { '': form, whole: { ...form, whole: true } };
  const forms: Record<string, ShaderOptions> = { '': form, split: { ...form, split: true } };
  const packed = (operand: Operand): Operand => ({ ...operand, packed: true });
  forms.small = { ...form, large: false };
  forms.whole = { ...form, whole: true };
  forms.leaves = { ...form, leaves: true };
  if (a.group === 8) forms['A packed'] = { ...form, a: packed(a) };
  if (b.group === 8) forms['B packed'] = { ...form, b: packed(b) };
  if (a.group === 8 && b.group === 8) forms['both packed'] = { ...form, a: packed(a), b: packed(b) };
  return forms;
}

/** Of other sizes than most. */
const UNITS: MatrixUnits[] = [COMMON_UNITS, { side: 16, lanes: 64 }, { side: 8, lanes: 8 }, { side: 8, lanes: 32 }];

const tilesOf = (tier: Tier) =>
  [...TILES[tier], ...(tier === 'matrix' ? TRIALS : [])].map((tile): [string, Tile] => [nameOf(tile), tile]);

let device: GPUDevice;
beforeAll(async () => {
  device = await nullDevice();
});

describe.each(['matrix', 'subgroups', 'plain', 'emulated'] as const)('%s', (tier) => {
  it.each(tilesOf(tier))('%s', async (_, tile) => {
    for (const [name, product] of Object.entries(PRODUCTS)) {
      for (const [form, options] of Object.entries(formsOf(tier, tile, product))) {
        const program = shaderOf(options);
        const { a, b, split } = options;
        const bytes = bytesOf(tier, tile, { a: a.contiguous, b: b.contiguous, split }, COMMON_UNITS);
        const fits = bytes <= device.limits.maxComputeWorkgroupStorageSize;
        // On this device a subgroup is taken to have 128 threads, of which a workgroup must have a multiple.
        expect(await complaints(device, program, fits), `${name} ${form}`).toEqual([]);
      }
    }
  });
});

it.each(UNITS)('for matrix units of $side, $lanes threads', async (units) => {
  const tile = { rows: 32, columns: 64, depth: 32, own: [16, 32], buffers: 2 } as const;
  for (const [name, product] of Object.entries(PRODUCTS)) {
    for (const [form, options] of Object.entries(formsOf('matrix', tile, product, units))) {
      expect(await complaints(device, shaderOf(options), false), `${name} ${form}`).toEqual([]);
    }
  }
});

it('is told apart by everything that its code depends on', () => {
  const codes = new Map<string, string>();
  for (const product of Object.values(PRODUCTS)) {
    for (const tier of ['matrix', 'plain', 'subgroups', 'emulated'] as const) {
      for (const tile of TILES[tier]) {
        const forms =
          tier === 'matrix'
            ? UNITS.map((units) => formsOf(tier, tile, product, units))
            : [formsOf(tier, tile, product)];
        for (const options of forms.flatMap((each) => Object.values(each))) {
          const program = shaderOf(options);
          const [label, code] = [`${program.name} ${program.variant}`, program.code()];
          expect(codes.get(label) ?? code, label).toBe(code);
          codes.set(label, code);
        }
      }
    }
  }
});

it.each(['matrix', 'emulated'] as const)('packs: %s', async (tier) => {
  expect(await complaints(device, packProgram(tier), true)).toEqual([]);
});

it.each(['matrix', 'subgroups', 'plain', 'emulated'] as const)(
  'fetches no line that the tile does not have: %s, where a matrix that is whole tiles may end',
  (tier) => {
    let spare = 0;
    for (const [name, tile] of tilesOf(tier)) {
      for (const product of [matMul('inner', 'inner', 128), matMul('outer', 'outer', 128)]) {
        for (const options of Object.values(formsOf(tier, tile, product))) {
          const code = shaderOf(options).code();
          const threads = threadsOf(tier, tile, COMMON_UNITS);
          for (const letter of ['A', 'B'] as const) {
            const { lines, length, unit } = layoutOf(tier, tile, letter, options[letter === 'A' ? 'a' : 'b']);
            const apart = threads / (length / unit);
            const passes = Math.ceil(lines / apart);
            const last = `line${letter} + ${(passes - 1) * apart}u`;
            const isSpare = passes * apart > lines;
            if (isSpare) spare++;
            expect(code.includes(` + min(${last}, ${lines - 1}u));`), `${name} ${letter}`).toBe(isSpare);
          }
        }
      }
    }
    // Of the tiles of matrix units, each has a line for every thread.
    expect(spare > 0).toBe(!isMatrix(tier));
  },
);

it('tells matrix units how operands lie', () => {
  const load = (a: 'inner' | 'outer', b: 'inner' | 'outer') => {
    const code = shaderOf({
      ...matMul(a, b, 8),
      tier: 'matrix',
      tile: TILES.matrix[0]!,
      matrixUnits: COMMON_UNITS,
      split: false,
      wide: true,
      large: true,
      whole: false,
      leaves: false,
    }).code();
    return ['Left', 'Right'].map((side) => new RegExp(`subgroupMatrixLoad<${side}, (\\w+)>`).exec(code)![1]);
  };
  // A is (rows, inner) and B (inner, columns): rows are contiguous where A's inner axis is, or B's outer.
  expect(load('inner', 'outer')).toEqual(['row_major', 'row_major']);
  expect(load('outer', 'inner')).toEqual(['col_major', 'col_major']);
});
