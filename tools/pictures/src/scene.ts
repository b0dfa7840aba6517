// A scene with what tells downsampling methods apart: edges, fine stripes, dots, rings that get finer outwards, soft shading.
import type { Gray } from './canvas.ts';

/** Averages 4 x 4 samples a pixel, so that the scene itself has no jagged edges. */
export function scene(size: number): Gray {
  const values = new Float32Array(size * size);
  const fine = 4;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let sum = 0;
      for (let i = 0; i < fine * fine; i++) {
        sum += brightness((x + ((i % fine) + 0.5) / fine) / size, (y + (Math.floor(i / fine) + 0.5) / fine) / size);
      }
      values[y * size + x] = sum / (fine * fine);
    }
  }
  return { width: size, height: size, values };
}

function brightness(x: number, y: number): number {
  const face = Math.hypot(x - 0.68, y - 0.62);
  if (face < 0.27) return face > 0.25 ? 0.05 : 0.5 + 0.45 * Math.cos(900 * face * face);
  if (Math.abs(x - 0.22) + Math.abs(y - 0.25) < 0.17) return Math.floor((x + y) * 48) % 2 ? 0.9 : 0.15;
  if (x > 0.08 && x < 0.36 && y > 0.55 && y < 0.9) {
    const [dotX, dotY] = [((x * 18) % 1) - 0.5, ((y * 18) % 1) - 0.5];
    return Math.hypot(dotX, dotY) < 0.28 ? 1 : 0.25;
  }
  if (y > 0.1 && y < 0.28 && x > 0.48) return Math.floor((x - 0.48) * (20 + 60 * x)) % 2 ? 0.95 : 0.1;
  return 0.75 - 0.35 * y;
}
