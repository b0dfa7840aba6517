// `pnpm gpu:bundle [folder]`: writes stridelab-gpu.mjs, which needs Node and the npm package `webgpu` and nothing else: every
// test that can leave its sources, the benchmarks of bench/src/gpu, and examples/train-cifar.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { madeModule, portableTests, replaceByFile, testFilesOf } from '@stridelab/test-bundle/plugin';
import { build } from 'esbuild';
import { inlineBrowserCode } from '../../../packages/trainer/scripts/browser-code.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const here = import.meta.dirname;

/** Packages whose tests run something on the webgpu backend; those of the kernels first. */
const TESTED = ['webgpu', 'train-ops', 'diffstride', 'spectral-pooling', 'fft-ops', 'phc-conv', 'resnet', 'trainer'];

/** wasm reads files that do not come along. */
export const testFiles = () => testFilesOf(TESTED, /Backend\('wasm'\)/);

/** Modules that are made for the bundle, or that stand in it for others. */
const contents = {
  name: 'contents',
  setup(build) {
    madeModule(build, 'bound', () => `export const bound = ${JSON.stringify(testFiles().bound)};`);
    madeModule(build, 'revision', () => {
      const versions = { tfjs: catalog('@tensorflow/tfjs'), webgpu: catalog('webgpu') };
      return `export const revision = ${JSON.stringify(revision())};\nexport const versions = ${JSON.stringify(versions)};`;
    });
    // What this reads from files comes along; a backend that is opened from installed packages cannot.
    replaceByFile(build, 'train-cifar/src/open.ts', join(here, 'open.ts'));
  },
};

/** A version that pnpm-workspace.yaml names. */
function catalog(name) {
  const line = new RegExp(`^  "?${name}"?: (.*)$`, 'm').exec(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8'));
  if (!line) throw new Error(`bundle: pnpm-workspace.yaml names no version of ${name}`);
  return line[1];
}

function revision() {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') ? ' and changes' : ''}`;
  } catch {
    return 'an unknown revision';
  }
}

/** Writes the bundle; returns its path. */
export async function bundle(folder) {
  const outfile = resolve(folder, 'stridelab-gpu.mjs');
  await build({
    entryPoints: [join(here, 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Everything that is imported runs, as it does in Node: tests import files for what they do.
    ignoreAnnotations: true,
    keepNames: true, // TF.js calls a program in its timings by the name of its class
    external: ['webgpu'],
    plugins: [portableTests(testFiles().movable), contents, inlineBrowserCode],
    // TF.js's CommonJS asks for Node's own modules by `require`.
    banner: {
      js: [
        "import { createRequire as bundleRequire } from 'node:module';",
        "import { fileURLToPath as bundlePath } from 'node:url';",
        "import { dirname as bundleFolder } from 'node:path';",
        'const require = bundleRequire(import.meta.url);',
        'const __filename = bundlePath(import.meta.url);',
        'const __dirname = bundleFolder(__filename);',
      ].join('\n'),
    },
    logLevel: 'error',
  });
  return outfile;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  // pnpm starts scripts in the package's folder; people mean the one that they are in.
  const outfile = await bundle(resolve(process.env.INIT_CWD ?? process.cwd(), process.argv[2] ?? '.gpu'));
  const { movable, bound } = testFiles();
  console.log(
    `${relative(process.env.INIT_CWD ?? process.cwd(), outfile)}: ${(statSync(outfile).size / 1e6).toFixed(1)} MB, ${movable.size} test files`,
  );
  console.log(`Left out, since they need their sources: ${bound.join(', ')}`);
}
