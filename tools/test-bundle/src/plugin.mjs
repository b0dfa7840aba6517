// For esbuild: test files as modules of a bundle, with a stand-in for vitest and with the golden cases that they read.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const here = import.meta.dirname;

/** A test that reads or starts files beside it cannot leave its sources; snapshots and mocked modules are vitest's. */
const BOUND = /import\.meta|child_process|vi\.doMock|worker_threads|-child\.ts|Snapshot\(/;

/** Test files of these packages as `webgpu/training.test.ts`, with their paths; and those that have to stay, for `stays` too. */
export function testFilesOf(packages, stays) {
  const movable = new Map();
  const bound = [];
  for (const name of packages) {
    const folder = join(root, 'packages', name, 'src');
    for (const entry of readdirSync(folder, { recursive: true }).sort()) {
      if (!entry.endsWith('.test.ts')) continue;
      const path = join(folder, entry);
      const title = `${name}/${entry.split(sep).join('/')}`;
      const text = readFileSync(path, 'utf8');
      if (BOUND.test(text) || stays.test(text)) bound.push(title);
      else movable.set(title, path);
    }
  }
  return { movable, bound };
}

/** Another text in the place of a source file, which is named by the end of its path, whoever imports it and how. */
export function replaceSource({ onLoad }, file, write, resolveDir = here) {
  const filter = new RegExp(`[\\\\/]${file.replaceAll('.', '\\.').replaceAll('/', '[\\\\/]')}$`);
  onLoad({ filter }, () => ({ contents: write(), loader: 'ts', resolveDir }));
}

/** The same with the text of another file. */
export function replaceByFile(build, file, instead) {
  replaceSource(build, file, () => readFileSync(instead, 'utf8'), dirname(instead));
}

/** A module whose text is made while bundling, imported as `bundle:NAME`. */
export function madeModule({ onResolve, onLoad }, name, write) {
  onResolve({ filter: new RegExp(`^bundle:${name}$`) }, () => ({ path: name, namespace: 'bundle' }));
  onLoad({ filter: new RegExp(`^${name}$`), namespace: 'bundle' }, () => ({ contents: write(), resolveDir: here }));
}

/** `bundle:tests` imports each of the files, a map from {@link testFilesOf}. */
export function portableTests(files) {
  return {
    name: 'test-bundle',
    setup(build) {
      build.onResolve({ filter: /^vitest$/ }, () => ({ path: join(here, 'vitest.ts') }));
      madeModule(build, 'tests', () => {
        const imports = [...files].map(([title, path]) => {
          return `${JSON.stringify(title)}: () => import(${JSON.stringify(path)})`;
        });
        return `export const tests = { ${imports.join(', ')} };`;
      });
      replaceSource(build, 'test-kit/src/golden-files.ts', goldenModule);
    },
  };
}

function goldenModule() {
  const folder = join(root, 'tools/test-kit/golden');
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const imports = names.map((name, i) => `import case${i} from ${JSON.stringify(join(folder, name))};`);
  const cases = names.map((name, i) => `${JSON.stringify(name.replace('.json', ''))}: case${i}`);
  return `${imports.join('\n')}\nexport const goldenFile = (name) => structuredClone({ ${cases.join(', ')} }[name]);`;
}
