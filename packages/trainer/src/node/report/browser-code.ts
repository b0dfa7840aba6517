// What runs in the page of a report, as text: uPlot, and the functions of page.ts. The build puts a file in the place of this one
// that holds the texts themselves (scripts/browser-code.mjs), so that the package needs no files and can be bundled.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { drawCharts, paintPictures } from './page.ts';

export interface BrowserCode {
  css: string;
  /** Defines `uPlot`, and `page` with what page.ts exports. */
  script: string;
}

export function browserCode(): BrowserCode {
  const folder = dirname(createRequire(import.meta.url).resolve('uplot'));
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return {
    css: read('uPlot.min.css'),
    // Tools that run TypeScript leave calls of __name in a function's text.
    script: `${read('uPlot.iife.min.js')}
var __name = (value) => value;
var page = { drawCharts: ${drawCharts}, paintPictures: ${paintPictures} };`,
  };
}
