// Draws every picture into the package that shows it.
import '@tensorflow/tfjs-backend-cpu';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { masks, poolings, strides } from './pictures.ts';

const packages = join(import.meta.dirname, '../../../packages');

for (const [file, draw] of Object.entries({
  'diffstride/images/masks.png': masks,
  'diffstride/images/strides.png': strides,
  'spectral-pooling/images/poolings.png': poolings,
})) {
  const path = join(packages, file);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, draw());
  console.log(file);
}
