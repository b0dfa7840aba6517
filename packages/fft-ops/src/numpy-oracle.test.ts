// The oracle is checked against figures printed by numpy itself.
import { expect, it } from 'vitest';
import { numpyArray, numpyFftn, numpyIrfftn, numpyRfftn } from './numpy-oracle.ts';

it('agrees with numpy.fft.fft([1, 2, 4], 4)', async () => {
  const { real, imag } = numpyFftn(numpyArray([1, 2, 4], [3]), { s: [4] });
  await expect(real).toBeAllClose([7, -3, 3, -3], { relative: 1e-14 });
  await expect(imag).toBeAllClose([0, -2, 0, 2], { relative: 1e-14 });
});

it('agrees with numpy.fft.rfft([1, 2, 4, 8, 16])', async () => {
  const { real, imag, shape } = numpyRfftn(numpyArray([1, 2, 4, 8, 16], [5]));
  expect(shape).toEqual([3]);
  await expect(real).toBeAllClose([31, -3.14589803, -9.85410197], { relative: 1e-8 });
  await expect(imag).toBeAllClose([0, 15.66593224, 4.42476747], { relative: 1e-8 });
});

it('agrees with numpy.fft.irfft([1, 2 + 1j, 3 - 2j], 5)', async () => {
  const { real, imag } = numpyIrfftn(numpyArray([1, 2, 3], [3], [0, 1, -2]), { s: [5] });
  await expect(imag).toBeAllClose([0, 0, 0, 0, 0], { absolute: 1e-15 });
  await expect(real).toBeAllClose([2.2, -0.433801202, -1.072352516, 0.919566112, -0.613412393], { relative: 1e-8 });
});

it('agrees with numpy.fft.irfftn([[1, 2 + 1j, 3 - 2j], [2j, 1 - 1j, 4]], (2, 4))', async () => {
  const { real, shape } = numpyIrfftn(numpyArray([1, 2, 3, 0, 1, 4], [2, 3], [0, 1, -2, 2, -1, 0]), { s: [2, 4] });
  expect(shape).toEqual([2, 4]);
  await expect(real).toBeAllClose([1.75, -0.75, 0.25, -0.75, 0.25, -0.25, -0.25, 0.75], { relative: 1e-8 });
});

it("agrees with numpy.fft.fftn([[0, 1, 2], [3, 4, 5]], (3, 2), (0, 1), 'ortho')", async () => {
  const { real, imag } = numpyFftn(numpyArray([0, 1, 2, 3, 4, 5], [2, 3]), { s: [3, 2], axes: [0, 1], norm: 'ortho' });
  await expect(real).toBeAllClose([3.265986324, -0.816496581, -1.020620726, -0.204124145, -1.020620726, -0.204124145], {
    relative: 1e-8,
  });
  await expect(imag).toBeAllClose([0.0, 0.0, -2.474873734, 0.353553391, 2.474873734, -0.353553391], { relative: 1e-8 });
});
