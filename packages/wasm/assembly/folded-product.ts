// A product with a matrix that falls apart into two halves: src/kernels/folding.ts says how.
import { loadLanes, storeEight } from './lanes';
import { multiplyTiles } from './multiply-tiles';

/**
 * Places in memory, in numbers of 4 bytes: how many pairs, evens and odds; of each pair its place, its image, and their sign as
 * a float32; then the places of the evens, and of the odds.
 */
const HEAD: usize = 12;
const PAIR: usize = 12;

/**
 * c (rows, columns) = a matrix by b (n, columns), given its halves `even` and `odd`, their rows rounded up to fours, and the
 * places of its `inputs` and `outputs`. `scratch` is for n + rows + 8 rows of eight.
 */
export function foldedProduct(
  even: usize,
  odd: usize,
  inputs: usize,
  outputs: usize,
  b: usize,
  c: usize,
  scratch: usize,
  columns: i32,
): void {
  const rowBytes = (<usize>columns) << 2;
  const inputPairs = load<i32>(inputs);
  const evenInputs = inputPairs + load<i32>(inputs, 4);
  const oddInputs = inputPairs + load<i32>(inputs, 8);
  const outputPairs = load<i32>(outputs);
  const evenOutputs = outputPairs + load<i32>(outputs, 4);
  const oddOutputs = outputPairs + load<i32>(outputs, 8);
  const oddPanel = scratch + ((<usize>evenInputs) << 5);
  const evenResult = oddPanel + ((<usize>oddInputs) << 5);
  const oddResult = evenResult + ((<usize>((evenOutputs + 3) & ~3)) << 5);
  for (let column = 0; column < columns; column += 8) {
    const lanes = columns - column;
    const offset = (<usize>column) << 2;
    fold(inputs, b + offset, rowBytes, lanes, scratch, oddPanel);
    multiplyTiles(even, scratch, evenResult, evenOutputs, (<usize>evenInputs) << 2, 32);
    multiplyTiles(odd, oddPanel, oddResult, oddOutputs, (<usize>oddInputs) << 2, 32);
    unfold(outputs, c + offset, rowBytes, lanes, evenResult, oddResult);
  }
}

/** The first `lanes` of eight columns of b, as sums of mirror images and as differences. */
function fold(places: usize, b: usize, rowBytes: usize, lanes: i32, even: usize, odd: usize): void {
  const pairs = load<i32>(places);
  const evens = load<i32>(places, 4);
  const odds = load<i32>(places, 8);
  const isWhole = lanes >= 8;
  const zero = f32x4.splat(0);
  places += HEAD;
  for (let i = 0; i < pairs; i++) {
    const p = b + <usize>load<i32>(places) * rowBytes;
    const q = b + <usize>load<i32>(places, 4) * rowBytes;
    const sign = v128.load32_splat(places, 8);
    let left: v128;
    let right = zero;
    let leftImage: v128;
    let rightImage = zero;
    if (isWhole) {
      left = v128.load(p);
      right = v128.load(p, 16);
      leftImage = v128.load(q);
      rightImage = v128.load(q, 16);
    } else {
      left = loadLanes(p, lanes);
      leftImage = loadLanes(q, lanes);
      if (lanes > 4) {
        right = loadLanes(p + 16, lanes - 4);
        rightImage = loadLanes(q + 16, lanes - 4);
      }
    }
    leftImage = f32x4.mul(sign, leftImage);
    rightImage = f32x4.mul(sign, rightImage);
    v128.store(even, f32x4.add(left, leftImage));
    v128.store(even, f32x4.add(right, rightImage), 16);
    v128.store(odd, f32x4.sub(left, leftImage));
    v128.store(odd, f32x4.sub(right, rightImage), 16);
    places += PAIR;
    even += 32;
    odd += 32;
  }
  for (let i = 0; i < evens + odds; i++) {
    const p = b + <usize>load<i32>(places) * rowBytes;
    const to = i < evens ? even + ((<usize>i) << 5) : odd + ((<usize>(i - evens)) << 5);
    v128.store(to, loadLanes(p, lanes));
    v128.store(to, lanes > 4 ? loadLanes(p + 16, lanes - 4) : zero, 16);
    places += 4;
  }
}

/** Rows of c, of which even and odd parts are given. */
function unfold(places: usize, c: usize, rowBytes: usize, lanes: i32, even: usize, odd: usize): void {
  const pairs = load<i32>(places);
  const evens = load<i32>(places, 4);
  const odds = load<i32>(places, 8);
  places += HEAD;
  for (let i = 0; i < pairs; i++) {
    const p = c + <usize>load<i32>(places) * rowBytes;
    const q = c + <usize>load<i32>(places, 4) * rowBytes;
    const sign = v128.load32_splat(places, 8);
    const left = v128.load(even);
    const right = v128.load(even, 16);
    const leftOdd = v128.load(odd);
    const rightOdd = v128.load(odd, 16);
    const leftImage = f32x4.mul(sign, f32x4.sub(left, leftOdd));
    const rightImage = f32x4.mul(sign, f32x4.sub(right, rightOdd));
    if (lanes >= 8) {
      v128.store(p, f32x4.add(left, leftOdd));
      v128.store(p, f32x4.add(right, rightOdd), 16);
      v128.store(q, leftImage);
      v128.store(q, rightImage, 16);
    } else {
      storeEight(p, f32x4.add(left, leftOdd), f32x4.add(right, rightOdd), lanes);
      storeEight(q, leftImage, rightImage, lanes);
    }
    places += PAIR;
    even += 32;
    odd += 32;
  }
  for (let i = 0; i < evens + odds; i++) {
    const from = i < evens ? even + ((<usize>i) << 5) : odd + ((<usize>(i - evens)) << 5);
    const to = c + <usize>load<i32>(places) * rowBytes;
    if (lanes >= 8) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    } else {
      storeEight(to, v128.load(from), v128.load(from, 16), lanes);
    }
    places += 4;
  }
}
