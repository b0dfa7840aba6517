import { expectNamedError, expectNoLeak, forEachBackend } from '@stridelab/test-kit';
import { expect, it } from 'vitest';
import { FftOpsError } from './errors.ts';
import { fftfreq, rfftfreq } from './fftfreq.ts';

forEachBackend(() => {
  it('gives the frequencies in the order of the bins', async () => {
    await expect(fftfreq(4)).toBeAllClose([0, 0.25, -0.5, -0.25]);
    await expect(fftfreq(5, 0.1)).toBeAllClose([0, 2, 4, -4, -2]);
    await expect(fftfreq(1)).toBeAllClose([0]);
    await expect(rfftfreq(4)).toBeAllClose([0, 0.25, 0.5]);
    await expect(rfftfreq(5, 2)).toBeAllClose([0, 0.1, 0.2]);
  });

  it('makes one tensor', () => {
    expectNoLeak(() => [fftfreq(8), rfftfreq(8)]);
  });
});

it('refuses lengths and spacings that are none', async () => {
  await expectNamedError(() => fftfreq(0), FftOpsError, 'fft-ops.fftfreq: n must be an integer >= 1, got 0');
  await expectNamedError(() => rfftfreq(1.5), FftOpsError, 'fft-ops.rfftfreq: n must be an integer >= 1, got 1.5');
  await expectNamedError(() => fftfreq(4, 0), FftOpsError, 'fft-ops.fftfreq: d must be a number other than 0, got 0');
});
