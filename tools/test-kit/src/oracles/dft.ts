// The discrete Fourier transform by its definition, in float64. O(n^2), for tests alone.

export interface ComplexArray {
  real: Float64Array;
  imag: Float64Array;
}

/** X[k] = sum_m x[m] exp(-2 pi i k m / n); with `inverse`, the positive sign. No scaling either way. */
export function naiveDft(x: ComplexArray, inverse = false): ComplexArray {
  const n = x.real.length;
  const sign = inverse ? 1 : -1;
  // The phase is reduced modulo n in integers, so that it is exact for every k and m.
  const cos = Float64Array.from({ length: n }, (_, j) => Math.cos((2 * Math.PI * j) / n));
  const sin = Float64Array.from({ length: n }, (_, j) => sign * Math.sin((2 * Math.PI * j) / n));
  const real = new Float64Array(n);
  const imag = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    for (let m = 0; m < n; m++) {
      const j = (k * m) % n;
      real[k]! += x.real[m]! * cos[j]! - x.imag[m]! * sin[j]!;
      imag[k]! += x.real[m]! * sin[j]! + x.imag[m]! * cos[j]!;
    }
  }
  return { real, imag };
}

/** {@link naiveDft} along one axis of a row-major array of the given shape. */
export function naiveDftAlongAxis(x: ComplexArray, shape: number[], axis: number, inverse = false): ComplexArray {
  const n = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const out = { real: new Float64Array(x.real.length), imag: new Float64Array(x.real.length) };
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const at = (m: number) => (o * n + m) * inner + i;
      const line = naiveDft(
        {
          real: Float64Array.from({ length: n }, (_, m) => x.real[at(m)]!),
          imag: Float64Array.from({ length: n }, (_, m) => x.imag[at(m)]!),
        },
        inverse,
      );
      for (let k = 0; k < n; k++) {
        out.real[at(k)] = line.real[k]!;
        out.imag[at(k)] = line.imag[k]!;
      }
    }
  }
  return out;
}
