// For esbuild, of which tsup is made: the texts that src/node/report/browser-code.ts looks for when it runs from its sources.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Not import.meta.dirname, which tsup does not know of where it reads its configuration.
const page = fileURLToPath(new URL('../src/node/report/page.ts', import.meta.url));
const folder = dirname(createRequire(import.meta.url).resolve('uplot'));
const read = (name) => readFileSync(join(folder, name), 'utf8').trim();

export const inlineBrowserCode = {
  name: 'browser-code',
  setup({ esbuild, onLoad }) {
    onLoad({ filter: /[\\/]report[\\/]browser-code\.ts$/ }, async () => {
      const script = `${read('uPlot.iife.min.js')}\n${await pageScript(esbuild)}`;
      const code = JSON.stringify({ css: read('uPlot.min.css'), script });
      const license = readFileSync(join(folder, '../LICENSE'), 'utf8').trim();
      return { contents: `/*! uPlot:\n${license}\n*/\nexport const browserCode = () => (${code});` };
    });
  },
};

async function pageScript(esbuild) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [page],
    bundle: true,
    format: 'iife',
    globalName: 'page',
    target: 'es2022',
    minify: true,
    write: false,
  });
  return outputFiles[0].text.trim();
}
