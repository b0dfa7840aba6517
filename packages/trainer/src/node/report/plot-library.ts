// uPlot as text, for a page that needs nothing beside itself. A file of its own, so that a bundle can bring the text with it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export function plotLibrary(): { script: string; css: string } {
  const folder = dirname(createRequire(import.meta.url).resolve('uplot'));
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { script: read('uPlot.iife.min.js'), css: read('uPlot.min.css') };
}
